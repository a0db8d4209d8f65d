import ArgumentParser
import Contract
import FoundationEssentials
import Web

struct InspectRobots: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "robots",
    abstract: "Say which URLs a robots.txt allows.",
    discussion: """
      Prints `allowed` or `disallowed`, a tab and the URL, a line each.

        local-runner inspect robots robots.txt --agent Googlebot https://example.com/private/
      """)

  @Argument(help: "The file.")
  var file: String

  @Option(help: "The crawler's product token.")
  var agent = "LLMTxtMastery"

  @Argument(
    help: ArgumentHelp("URLs of the site, or paths; from stdin, a line each, if there are none.", valueName: "url"))
  var urls: [String] = []

  func run() throws {
    guard let data = try? Data(contentsOf: URL(filePath: file)) else { throw ValidationError("\(file) cannot be read") }
    let robots = RobotsFile(Array(data))
    let base = try NormalizedURL("http://localhost/")
    var lines = urls
    if urls.isEmpty { while let line = readLine() { lines.append(line) } }
    var output = ""
    for text in lines {
      guard let url = try? NormalizedURL(text, relativeTo: base) else {
        output += "invalid\t\(text)\n"
        continue
      }
      output += "\(robots.allows(url, agent: agent) ? "allowed" : "disallowed")\t\(text)\n"
    }
    Descriptor.standardOutput.write(Array(output.utf8))
  }
}
