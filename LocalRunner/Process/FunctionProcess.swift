import Contract
import FoundationEssentials

/// Invokes functions: each is an executable beside the runner's own.
struct FunctionProcess: Sendable {
  /// What the functions see of the environment, without their deadline.
  var environment: [String: String]
  /// Where the executables lie.
  let folder: String
  /// How long an invocation may take.
  var timeout: Duration = .seconds(300)

  enum Outcome: Sendable {
    case response(Response)
    /// The reply to a batch, which is no HTTP response.
    case other([UInt8])
    case crashed(status: Int32)
    case timedOut
  }

  static let names = ["analyze", "checkout", "generate", "usage", "webhook"]

  /// The folder of the runner's own executable, or `FUNCTIONS_DIR`.
  init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    self.environment = environment
    // What the runner itself was given is not what its functions are given.
    self.environment["INVOCATION_DEADLINE_MS"] = nil
    if let folder = environment["FUNCTIONS_DIR"], !folder.isEmpty {
      self.folder = folder
    } else {
      folder = Self.ownFolder
    }
  }

  /// Where this program lies.
  static var ownFolder: String {
    let path =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  }

  func path(of function: String) -> String { "\(folder)/\(function)" }

  func exists(_ function: String) -> Bool { FileManager.default.isExecutableFile(atPath: path(of: function)) }

  /// Blocks its thread until the function has answered.
  ///
  /// - Parameter onLogLine: told each line of its stderr, which otherwise goes to the runner's.
  func invoke(
    _ function: String, input: [UInt8], onLogLine: ((String) -> Void)? = nil
  ) throws(ChildProcess.SpawnError) -> Outcome {
    let deadline = ContinuousClock.now.advanced(by: timeout)
    var environment = environment
    if environment["INVOCATION_DEADLINE_MS"] == nil {
      environment["INVOCATION_DEADLINE_MS"] = String(Int(Date.now.timeIntervalSince1970 * 1000) + timeout.milliseconds)
    }
    // A crash is told by its signal; writing a backtrace would cost more than the invocation.
    environment["SWIFT_BACKTRACE"] = "enable=no"
    var pending: [UInt8] = []
    let split: ((ArraySlice<UInt8>) -> Void)? = onLogLine.map { onLine in
      { piece in
        pending += piece
        while let end = pending.firstIndex(of: 0x0a) {
          onLine(String(decoding: pending[..<end], as: UTF8.self))
          pending.removeFirst(end + 1)
        }
      }
    }
    let child = ChildProcess(path: path(of: function), environment: environment)
    // The function answers by its deadline itself; the grace is for a response on its way.
    let outcome = try child.run(input: input, deadline: deadline.advanced(by: .seconds(2)), onErrorOutput: split)
    if outcome.metDeadline { return .timedOut }
    guard outcome.status == 0 else { return .crashed(status: outcome.status) }
    if let response = try? JSON.decode(Response.self, from: outcome.output) { return .response(response) }
    return .other(outcome.output)
  }
}
