package import Fetch
import Synchronization

/// A website in memory at `https://site.example`, with a fetcher that returns its pages, and status 404 for other URLs.
package final class StubSite: Sendable {
  package static let origin = "https://site.example"

  private let responses: [String: FetchResponse]
  private let requested = Mutex<[String]>([])

  /// - Parameters:
  ///   - pages: HTML by path.
  ///   - others: other responses by path; they replace pages with the same path.
  package init(pages: [String: String] = [:], others: [String: FetchResponse] = [:]) {
    responses = others.merging(
      pages.mapValues {
        FetchResponse(
          status: 200, headers: ["content-type": "text/html; charset=utf-8"], body: Array($0.utf8),
          bytesReceived: $0.utf8.count)
      }
    ) { other, _ in other }
  }

  package var fetcher: Fetcher {
    Fetcher { [self] (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      let path = request.url.hasPrefix(Self.origin) ? String(request.url.dropFirst(Self.origin.count)) : request.url
      requested.withLock { $0.append(path) }
      return responses[path]
        ?? FetchResponse(status: 404, headers: ["content-type": "text/html"], body: Array("<p>no such page".utf8))
    }
  }

  /// The requested paths in order; full URLs for other sites.
  package var requests: [String] { requested.withLock { $0 } }

  /// Returns the HTML of a page with a title, a description, some text and a list of links.
  package static func page(
    _ title: String, description: String? = nil, links: [(String, String)] = [], text: String = "", head: String = ""
  ) -> String {
    let meta = description.map { "<meta name=\"description\" content=\"\($0)\">" } ?? ""
    let list = links.map { "<li><a href=\"\($0.1)\">\($0.0)</a></li>" }.joined()
    return """
      <!DOCTYPE html><html lang="en"><head><title>\(title) | Site</title>\(meta)\(head)</head>
      <body><main><h1>\(title)</h1><p>\(text.isEmpty ? "\(title) is a subject with many sides, and this text tells of all of them at some length." : text)</p>
      <ul>\(list)</ul></main></body></html>
      """
  }

  package static func redirect(to location: String) -> FetchResponse {
    FetchResponse(status: 302, headers: ["location": location])
  }

  package static func text(_ text: String) -> FetchResponse {
    FetchResponse(status: 200, headers: ["content-type": "text/plain"], body: Array(text.utf8))
  }
}
