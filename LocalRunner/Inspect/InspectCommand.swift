import ArgumentParser
import Contract
import Fetch
import FetchCurl
import FoundationEssentials
import SiteAnalysis
import Web

struct InspectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show how one robots.txt, sitemap or page is read.",
    subcommands: [InspectRobots.self, InspectSitemap.self, InspectPage.self])

  /// The live fetcher, with the loopback origin that was typed open to it.
  static func fetcher(for url: NormalizedURL) throws -> Fetcher {
    var variables = ProcessInfo.processInfo.environment
    if let network = LoopbackOrigin.network(of: url) { variables["FETCH_ALLOW_NETWORKS", default: ""] += ",\(network)" }
    let environment = Environment(variables)
    return .curl(guard: try AddressGuard(environment), userAgent: UserAgent(environment).header)
  }
}

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

  @Argument(help: ArgumentHelp("URLs of the site, or paths; from stdin, a line each, if there are none.", valueName: "url"))
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

struct InspectSitemap: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sitemap",
    abstract: "List what a sitemap names, following indexes.",
    discussion: "Prints one line of JSON per entry: `url`, `lastModified`, `source`.")

  @Argument(help: ArgumentHelp("The sitemap, or a site whose sitemaps are sought at the usual places.", valueName: "url"))
  var url: String

  func run() async throws {
    let url = try NormalizedURL(typed: url)
    let reader = SitemapReader(fetcher: try InspectCommand.fetcher(for: url), deadline: Deadline(after: .seconds(120)))
    let listing = await reader.read(named: url.path == "/" ? [] : [url], home: url)
    guard !listing.sitemaps.isEmpty else {
      say("local-runner: \(url) is no sitemap, and there is none at the usual places")
      throw ExitStatus.crashed
    }
    for entry in listing.entries {
      let line = Line(url: entry.url, lastModified: entry.lastModified, source: entry.source)
      Descriptor.standardOutput.write(try JSON.encode(line) + [0x0a])
    }
  }

  private struct Line: Encodable {
    let url: NormalizedURL
    let lastModified: String?
    let source: NormalizedURL
  }
}
