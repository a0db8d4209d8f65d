import Crawling
import Fetch
import Validation
import Web

/// Fetches the llms.txt that a site already has.
struct ExistingFileReader: Sendable {
  let client: SiteClient

  /// The maximum size of a file.
  static let maximumBytes = 512 << 10

  private static let policy = RequestPolicy(
    limits: FetchLimits(bytes: maximumBytes, duration: .seconds(5)), robots: .firstRequest, pace: .firstRequest)

  /// Fetches the file of the site, or that of the folder if the crawl is of a folder.
  ///
  /// If the site answers that it has no `/llms.txt`, the other places of ``LLMSFilePlaces`` are tried. If the folder has no
  /// file, the result is the part of the site's file about the folder, without the title and the texts, which describe the
  /// whole site.
  ///
  /// - Returns: nil if there is no file, robots.txt does not allow the request, or the response is not an llms.txt.
  func read(_ home: NormalizedURL) async -> SiteReport.Existing? {
    var hasAnswered = false
    for path in home.folder == "/" ? ["/llms.txt"] : [home.folder + "llms.txt", "/llms.txt"] {
      let (response, existing) = await read(path, home, onlyPart: path != home.folder + "llms.txt")
      if let existing { return existing }
      hasAnswered = response != nil
    }
    guard hasAnswered, home.folder == "/", client.pace.interval == .zero else { return nil }
    return await withTaskGroup(of: (Int, SiteReport.Existing?).self) { group in
      for (index, path) in LLMSFilePlaces.unusual.enumerated() {
        group.addTask { (index, await read(path, home).existing) }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }.min { $0.key < $1.key }?.value
    }
  }

  private func read(
    _ path: String, _ home: NormalizedURL, onlyPart: Bool = false
  ) async -> (response: FetchResponse?, existing: SiteReport.Existing?) {
    guard case .response(let response, let source)? = try? await client.get(home.at(path: path), Self.policy) else {
      return (nil, nil)
    }
    guard response.status == 200, source.isSameSite(as: home), !Self.isHTML(response) else { return (response, nil) }
    return (response, SiteReport.Existing(LLMSFile(response.body), at: source, home: home, onlyPart: onlyPart))
  }

  /// Some sites answer every URL with a page.
  private static func isHTML(_ response: FetchResponse) -> Bool {
    let start = response.body.prefix(512).drop { $0 <= 0x20 || $0 >= 0xbb }
    return response.mediaType?.hasPrefix("text/html") ?? false || start.first == UInt8(ascii: "<")
  }
}
