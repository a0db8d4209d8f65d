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

  /// A fetcher that may also fetch the typed site if that is on this machine or in its network.
  static func fetcher(for site: TypedSite?) throws -> Fetcher {
    let variables = ProcessInfo.processInfo.environment
    let environment = Environment(site?.variables(in: variables) ?? variables)
    let fetcher = Fetcher.curl(guard: try AddressGuard(environment), userAgent: UserAgent(environment).header)
    return fetcher.sending(try SiteHeaders(environment))
  }
}
