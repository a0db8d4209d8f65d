import ArgumentParser
import Contract
import Crawling
import Inspect
import SiteAnalysis
import Web

struct InspectSitemapCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sitemap",
    abstract: "List the entries of a sitemap or of all files of a sitemap index.",
    discussion: """
      Prints one line of JSON for each entry: `url`, `lastModified`, `source`.
      `lastModified` is a day, YYYY-MM-DD, or absent if it is not a valid date. Of an
      index, all files are fetched; an analysis fetches up to 1,000 files in a third
      of its time. Files that could not be used are listed on stderr, with the
      reason.

        local-runner inspect sitemap https://example.com/sitemap.xml | jq -r .url
        local-runner inspect sitemap https://example.com/                      # tries the usual places of sitemaps
      """)

  @Argument(help: ArgumentHelp("The sitemap, or a site.", valueName: "url"))
  var url: String

  @OptionGroup var access: SiteAccessOptions

  func run() async throws {
    let site = try access.site(url)
    let url = site.url
    let inspection = SitemapInspection(
      try InspectCommand.fetcher(for: site), deadline: Deadline(after: .seconds(600)))
    let listing = await inspection.run(url) { StandardOutput.writeOrExit($0) }
    for skipped in listing.skipped { printFailure("\(skipped.url): \(skipped.reason.rawValue)") }
    guard !listing.sources.isEmpty else {
      if let advice = listing.skipped.lazy.compactMap({ SiteAccessOptions.advice(for: $0.reason.rawValue, site) }).first
      {
        printFailure(advice)
      }
      printFailure(url.path == "/" ? "no sitemap was found in any of these places" : "\(url) is not a sitemap")
      throw ExitStatus.crashed
    }
  }
}
