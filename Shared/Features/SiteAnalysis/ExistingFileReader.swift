import Crawling
import Fetch
import Web

/// Fetches the llms.txt that a site already has.
struct ExistingFileReader: Sendable {
  let client: SiteClient

  private static let policy = RequestPolicy(
    limits: FetchLimits(bytes: 512 << 10, duration: .seconds(5)), robots: .firstRequest, pace: .firstRequest)

  /// Fetches the file of the site, or that of the folder if the crawl is of a folder.
  ///
  /// If the folder has no file, the result is the part of the site's file about the folder, without the title and the
  /// texts, which describe the whole site.
  ///
  /// - Returns: nil if there is no file, robots.txt does not allow the request, or the response is not an llms.txt.
  func read(_ home: NormalizedURL) async -> SiteReport.Existing? {
    for path in home.folder == "/" ? ["/llms.txt"] : [home.folder + "llms.txt", "/llms.txt"] {
      guard case .response(let response, let source)? = try? await client.get(home.at(path: path), Self.policy),
        response.status == 200, source.isSameSite(as: home), !Self.isHTML(response),
        let existing = SiteReport.Existing(LLMSFile(response.body), at: source, home: home)
      else { continue }
      return path == home.folder + "llms.txt" ? existing : existing.limited(toPart: home)
    }
    return nil
  }

  /// Some sites answer every URL with a page.
  private static func isHTML(_ response: FetchResponse) -> Bool {
    let start = response.body.prefix(512).drop { $0 <= 0x20 || $0 >= 0xbb }
    return response.mediaType?.hasPrefix("text/html") ?? false || start.first == UInt8(ascii: "<")
  }
}
