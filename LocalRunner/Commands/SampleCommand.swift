import ArgumentParser
import Contract
import FoundationEssentials
import Invoking
import SampleSite

struct SampleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Serve a sample website on this machine until it is stopped.",
    discussion: """
      The sites are \(SampleSite.allCases.map(\.rawValue).joined(separator: ", ")). A file in the same
      form as LocalRunner/Sample/sites/shop.txt is served, too.

        local-runner sample shop --port 8000
        local-runner llms http://127.0.0.1:8000/
      """)

  @Argument(help: "The name of a sample site, or a file.")
  var site = SampleSite.documentation.rawValue

  @Option(help: "The port; 0 selects a free one.")
  var port = 0

  func validate() throws {
    guard (0...65535).contains(port) else { throw ValidationError("--port takes 0 to 65535") }
  }

  func run() async throws {
    TerminationSignals.endProcess()
    let content: SampleContent
    if let sample = SampleSite(rawValue: site) {
      content = try sample.content()
    } else if FileManager.default.fileExists(atPath: site) {
      content = try .file(site)
    } else {
      throw ValidationError("there is no sample site and no file of the name \(site); see local-runner sample --help")
    }
    try await SampleServer(content, port: port).serving { address in
      Descriptor.standardOutput.write(Array("\(address)\n".utf8))
      while true { try await Task.sleep(for: .seconds(3600)) }
    }
  }
}
