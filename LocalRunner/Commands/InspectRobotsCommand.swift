import ArgumentParser
import Contract
import FoundationEssentials
import Inspect

struct InspectRobotsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "robots",
    abstract: "Report which URLs a robots.txt allows.",
    discussion: """
      Prints one line for each URL: `allowed` or `disallowed`, a tab and the URL.

        local-runner inspect robots robots.txt --agent Googlebot https://example.com/private/
      """)

  @Argument(help: "The file.")
  var file: String

  @Option(help: "The crawler's product token.")
  var agent = "LLMTxtMastery"

  @Argument(
    help: ArgumentHelp("URLs of the site, or paths; by default one in each line of stdin.", valueName: "url"))
  var urls: [String] = []

  func run() throws {
    guard let data = try? Data(contentsOf: URL(filePath: file)) else { throw ValidationError("\(file) cannot be read") }
    let inspection = RobotsInspection(Array(data), agent: agent)
    var texts = urls
    if urls.isEmpty { while let line = readLine() { texts.append(line) } }
    try StandardOutput.write(Array(texts.map { inspection.line(for: $0) }.joined().utf8))
  }
}
