import Contract
import Fetch
import Web

extension Crawl {
  /// The files of generators that load Markdown in the browser, such as docsify: the list of pages first.
  private static let sourceFiles = ["_sidebar.md", "SUMMARY.md", "README.md"]

  /// The failure if no page has text without JavaScript.
  ///
  /// Some generators load Markdown files in the browser. Then the failure names the file that lists them.
  func scriptShellFailure() async -> Failure {
    let home = result.home.url
    let start = "\(home) has no text without JavaScript, which the crawler does not run"
    for name in Self.sourceFiles {
      guard let file = await sourceFile(home.at(path: home.folder + name)) else { continue }
      let links = file.text.split(separator: "\n").count { LLMSLink(String($0)) != nil }
      let contents =
        links > 1 && name != "README.md"
        ? "Its pages are Markdown files that \(file.url) lists" : "Its text is in Markdown files such as \(file.url)"
      return Failure(
        .upstreamFailed,
        "\(start). \(contents); publish them as HTML pages, or write an llms.txt that links to these files",
        details: ["reason": SkipReason.needsJavaScript.rawValue, "file": file.url.description])
    }
    return Failure(
      .upstreamFailed, "\(start); let the server render the text",
      details: ["reason": SkipReason.needsJavaScript.rawValue])
  }

  /// A Markdown file of the site; nil if there is none at this URL, or robots.txt does not allow the request.
  private func sourceFile(_ url: NormalizedURL) async -> (url: NormalizedURL, text: String)? {
    let policy = RequestPolicy(limits: FetchLimits(bytes: 256 << 10, duration: .seconds(5)))
    guard case .response(let response, let source)? = try? await client.get(url, policy), response.status == 200,
      !response.isHTML, let first = response.body.first(where: { $0 > 0x20 }), first != UInt8(ascii: "<")
    else { return nil }
    return (source, String(decoding: response.body, as: UTF8.self))
  }
}
