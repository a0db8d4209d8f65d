import ArgumentParser
import Contract

/// How the runner's commands end.
enum ExitStatus {
  /// 0 below 400, 4 for 4xx, 5 for 5xx.
  static func of(_ response: Response) -> ExitCode {
    ExitCode(response.status < 400 ? 0 : response.status < 500 ? 4 : 5)
  }

  /// A function that crashed or did not answer (`EX_SOFTWARE` of sysexits.h).
  static let crashed = ExitCode(70)
}

/// Says something to the person at the terminal, on stderr.
func say(_ text: String) {
  Descriptor.standardError.write(Array("\(text)\n".utf8))
}
