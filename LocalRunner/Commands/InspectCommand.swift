import ArgumentParser
import Contract
import Crawling
import Fetch
import FetchCurl
import FoundationEssentials
import Web

struct InspectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show how one robots.txt, sitemap, page or llms.txt is interpreted.",
    subcommands: [
      InspectRobotsCommand.self, InspectSitemapCommand.self, InspectPageCommand.self, InspectLLMSCommand.self,
    ])

  /// A fetcher that may also fetch the given URL if that is on this machine.
  static func fetcher(for url: NormalizedURL?) throws -> Fetcher {
    var variables = ProcessInfo.processInfo.environment
    if let network = url.flatMap(LoopbackOrigin.network) {
      variables["FETCH_ALLOW_NETWORKS", default: ""] += ",\(network)"
    }
    let environment = Environment(variables)
    return .curl(guard: try AddressGuard(environment), userAgent: UserAgent(environment).header)
  }
}
