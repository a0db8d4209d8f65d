import Contract
import Crawling
import Fetch
import Web

/// Fetches an llms.txt if robots.txt allows it.
struct FileLoader: Sendable {
  /// A client for all sites, because the file may redirect to another one.
  let client: SiteClient

  struct Loaded: Sendable {
    let bytes: [UInt8]
    /// The URL after redirects.
    let url: NormalizedURL
    let mediaType: String?
    let lastModified: String?
    let isTruncated: Bool
  }

  enum Outcome: Sendable {
    case loaded(Loaded)
    /// Status 404 or 410.
    case missing(NormalizedURL)
    /// The response is an HTML page: one that says that nothing was found, or the site's application.
    case page(NormalizedURL)
  }

  /// One megabyte is more than any reader of such files reads.
  private static let policy = RequestPolicy(
    headers: ["accept": "text/plain,text/markdown;q=0.9,*/*;q=0.1"],
    limits: FetchLimits(bytes: 1 << 20, duration: .seconds(20)))

  /// - Parameter url: the URL of the file; or that of a site or folder, which gets `llms.txt` appended.
  /// - Throws: `forbidden` if robots.txt does not allow the request, `upstream_failed` if the file cannot be fetched.
  func load(_ url: NormalizedURL) async throws -> Outcome {
    let start = url.path.hasSuffix("/") ? url.at(path: url.path + "llms.txt") : url
    let outcome: SiteClient.Outcome
    do {
      outcome = try await client.get(start, Self.policy)
    } catch {
      throw failure(of: error, start)
    }
    switch outcome {
    case .response(let response, let source): return try read(response, at: source, start: start)
    case .robotsUnavailable(let source): throw await failureWithoutRobots(source, start: start)
    case .skipped(.robots, let source):
      throw Failure(
        .forbidden, "\(source.origin)/robots.txt does not allow \(client.agent) to read \(source)",
        details: ["reason": SkipReason.robots.rawValue])
    case .skipped(.badRedirect, let source):
      throw Failure(
        .upstreamFailed, "\(source) redirects to an invalid URL",
        details: ["reason": SkipReason.badRedirect.rawValue])
    case .skipped(let reason, _):
      throw Failure(.upstreamFailed, "\(start) redirects without end", details: ["reason": reason.rawValue])
    }
  }

  private func read(_ response: FetchResponse, at url: NormalizedURL, start: NormalizedURL) throws -> Outcome {
    switch response.status {
    case 200..<300:
      let first = response.body.first { $0 > 0x20 && $0 < 0x80 }
      if response.mediaType == "text/html" && first != UInt8(ascii: "#") || Self.isHTML(response.body) {
        return .page(url)
      }
      return .loaded(
        Loaded(
          bytes: response.body, url: url, mediaType: response.mediaType,
          lastModified: response.headers["last-modified"], isTruncated: response.isTruncated))
    case 404, 410: return .missing(start)
    default:
      throw Failure(
        .upstreamFailed, "\(url) answered with status \(response.status)",
        details: ["reason": SkipReason.http(response.status).rawValue])
    }
  }

  /// The failure if robots.txt cannot be read. A request for the file itself shows whether its address is wrong.
  private func failureWithoutRobots(_ url: NormalizedURL, start: NormalizedURL) async -> any Error {
    var policy = Self.policy
    policy.robots = .never
    do {
      _ = try await client.send(url, policy)
    } catch {
      return failure(of: error, start)
    }
    return Failure(
      .upstreamFailed, "\(url.origin)/robots.txt cannot be read, so no page may be fetched; try again later",
      details: ["reason": SkipReason.robotsUnreachable.rawValue])
  }

  private func failure(of error: FetchError, _ start: NormalizedURL) -> any Error {
    if error.code == .forbiddenAddress || error.code == .cancelled { return error }
    return Failure(.upstreamFailed, "\(start) does not answer: \(error)", details: ["reason": error.code.rawValue])
  }

  /// Whether bytes look like an HTML page.
  static func isHTML(_ bytes: [UInt8]) -> Bool {
    let start = String(decoding: bytes.prefix(1000).drop { $0 <= 0x20 || $0 >= 0x80 }, as: UTF8.self).lowercased()
    return ["<!doctype html", "<html", "<head", "<body", "<script"].contains { start.hasPrefix($0) }
  }
}
