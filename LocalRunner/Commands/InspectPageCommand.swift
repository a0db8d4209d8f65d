import ArgumentParser
import Contract
import Crawling
import Fetch
import Inspect
import SiteAnalysis

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

  func run() async throws {
    let inspection = PageInspection(agent: UserAgent(.ofProcess()).token, showsFeatures: features) {
      try InspectCommand.fetcher(for: $0)
    }
    var failed = false
    await inspection.run(pages) { output in
      switch output {
      case .line(let line): Descriptor.standardOutput.write(line)
      case .failure(let page, let message):
        printFailure("\(page): \(message)")
        failed = true
      }
    }
    if failed { throw ExitStatus.crashed }
  }
}
