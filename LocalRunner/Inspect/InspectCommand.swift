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
    abstract: "Show how one robots.txt, sitemap, page or llms.txt is read.",
    subcommands: [InspectRobots.self, InspectSitemap.self, InspectPage.self, InspectLLMS.self])

  /// The live fetcher, with the loopback origin that was typed open to it.
  static func fetcher(for url: NormalizedURL) throws -> Fetcher {
    var variables = ProcessInfo.processInfo.environment
    if let network = LoopbackOrigin.network(of: url) { variables["FETCH_ALLOW_NETWORKS", default: ""] += ",\(network)" }
    let environment = Environment(variables)
    return .curl(guard: try AddressGuard(environment), userAgent: UserAgent(environment).header)
  }
}
