import ArgumentParser
import Contract
import Crawling
import Fetch
import Inspect
import SiteAnalysis
import Web

struct InspectPageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "page",
    abstract: "Show the text that is extracted from pages, and their scores.",
    discussion: """
      Prints one line of JSON for each page: `file`, `url`, `title`, `description`,
      `canonical`, `robots`, `language`, `words`, `score`, its `parts`, `text`,
      `markdown`, and `needsJavaScript` if the page has no text without JavaScript.
      Files may be compressed with gzip. For URLs, redirects are followed and HTTP
      headers are used. The score considers the page alone; `analyze` also considers
      its place in the site, and returns the `parts` of each page.

        local-runner inspect page page.html | jq .text
        local-runner inspect page https://example.com/ | jq .parts
      """)

  @Flag(help: "Print the features from which the extraction of the main content was trained.")
  var features = false

  @Argument(help: ArgumentHelp("Files or URLs.", valueName: "file-or-url"))
  var pages: [String]

  @OptionGroup var access: SiteAccessOptions

  func run() async throws {
    let names = try pages.map { $0.hasPrefix("http://") || $0.hasPrefix("https://") ? try access.site($0) : nil }
    let sites = names.compactMap(\.self)
    if access.isUsed, Set(sites.map(\.url.origin)).count != 1 {
      throw ValidationError("--header and --user work with the pages of one site; give URLs with the same origin")
    }
    let byURL = Dictionary(sites.map { ($0.url, $0) }) { first, _ in first }
    let inspection = PageInspection(agent: UserAgent(.ofProcess()).token, showsFeatures: features) {
      try InspectCommand.fetcher(for: byURL[$0])
    }
    let pages = zip(pages, names).map { text, site in site?.url.description ?? text }
    var failed = false
    await inspection.run(pages) { output in
      switch output {
      case .line(let line): StandardOutput.writeOrExit(line)
      case .failure(let page, let message):
        let needsLogin = ["status 401", "status 403"].contains { message.hasPrefix($0) }
        let advice = needsLogin && !access.isUsed ? "; if it needs a login, give --user NAME:PASSWORD or --header" : ""
        printFailure("\(page): \(message)\(advice)")
        failed = true
      }
    }
    if failed { throw ExitStatus.crashed }
  }
}
