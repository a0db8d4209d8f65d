import Contract
import Fetch
import Web

/// Fetches an llms.txt, as robots.txt allows.
struct FileLoader: Sendable {
  let fetcher: Fetcher
  let robots: RobotsCache
  let agent: String
  let deadline: Deadline

  struct Loaded: Sendable {
    let bytes: [UInt8]
    /// Redirects followed.
    let url: NormalizedURL
    let mediaType: String?
    let lastModified: String?
    let isTruncated: Bool
  }

  enum Outcome: Sendable {
    case loaded(Loaded)
    /// 404 or 410.
    case missing(NormalizedURL)
    /// HTML: a page that says that there is nothing, or the site's application.
    case page(NormalizedURL)
  }

  /// More than any client reads.
  static let limits = FetchLimits(bytes: 1 << 20, duration: .seconds(20))

  /// - Parameter url: the file; or a site or folder, in which `llms.txt` is meant.
  /// - Throws: `forbidden` where it may not be read, `upstream_failed` where it does not answer.
  func load(_ url: NormalizedURL) async throws -> Outcome {
    let start = url.path.hasSuffix("/") ? url.at(path: url.path + "llms.txt") : url
    var target = start
    for _ in 0...5 {
      guard let rules = await robots.file(for: target) else {
        // The address itself may be what is wrong; asking for the file tells which.
        _ = try await fetch(target, as: start)
        throw Failure(
          .upstreamFailed,
          "\(target.origin)/robots.txt cannot be read, which means that nothing may be; try again later",
          details: ["reason": "robots_unreachable"])
      }
      guard rules.allows(target, agent: agent) else {
        throw Failure(
          .forbidden, "\(target.origin)/robots.txt does not allow \(agent) to read \(target)",
          details: ["reason": "robots"])
      }
      let response = try await fetch(target, as: start)
      switch response.status {
      case 200..<300:
        let first = response.body.first { $0 > 0x20 && $0 < 0x80 }
        if response.mediaType == "text/html" && first != UInt8(ascii: "#") || Self.isHTML(response.body) {
          return .page(target)
        }
        return .loaded(
          Loaded(
            bytes: response.body, url: target, mediaType: response.mediaType,
            lastModified: response.headers["last-modified"],
            isTruncated: response.isTruncated))
      case 300..<400:
        guard let location = response.headers["location"], let next = try? NormalizedURL(location, relativeTo: target)
        else {
          throw Failure(
            .upstreamFailed, "\(target) redirects to something that is no URL", details: ["reason": "bad_redirect"])
        }
        target = next
      case 404, 410: return .missing(start)
      default:
        throw Failure(
          .upstreamFailed, "\(target) answered with status \(response.status)",
          details: ["reason": "http_\(response.status)"])
      }
    }
    throw Failure(.upstreamFailed, "\(start) redirects without end", details: ["reason": "redirect_loop"])
  }

  private func fetch(_ url: NormalizedURL, as start: NormalizedURL) async throws -> FetchResponse {
    do {
      return try await fetcher.fetch(
        FetchRequest(
          url.description, headers: ["accept": "text/plain,text/markdown;q=0.9,*/*;q=0.1"],
          limits: Self.limits.within(deadline)))
    } catch {
      if error.code == .forbiddenAddress || error.code == .cancelled { throw error }
      throw Failure(.upstreamFailed, "\(start) does not answer: \(error)", details: ["reason": error.code.rawValue])
    }
  }

  /// Whether bytes are a page of HTML.
  static func isHTML(_ bytes: [UInt8]) -> Bool {
    let start = String(decoding: bytes.prefix(1000).drop { $0 <= 0x20 || $0 >= 0x80 }, as: UTF8.self).lowercased()
    return ["<!doctype html", "<html", "<head", "<body", "<script"].contains { start.hasPrefix($0) }
  }
}
