package import Fetch
package import Web

extension FetchResponse {
  /// Whether the response is an HTML page. Without a media type, the first byte decides.
  package var isHTML: Bool {
    switch mediaType {
    case "text/html", "application/xhtml+xml": true
    case nil: body.first { $0 > 0x20 } == UInt8(ascii: "<")
    default: false
    }
  }

  /// Whether the response is Markdown. Plain text counts if the name ends in `.md` and it does not begin like HTML.
  package func isMarkdown(at url: NormalizedURL) -> Bool {
    switch mediaType {
    case "text/markdown", "text/x-markdown": true
    case "text/plain", nil: url.path.hasSuffix(".md") && body.first { $0 > 0x20 } != UInt8(ascii: "<")
    default: false
    }
  }

  /// Parses the body as HTML, and applies the headers.
  package func page(at url: NormalizedURL, agent: String) -> Page {
    PageReader.read(body, url: url, charset: charset, agent: agent).with(headersOf: self, agent: agent)
  }
}

extension Page {
  /// The page with the properties that response headers give it: X-Robots-Tag, Link, Refresh, Content-Language.
  ///
  /// Properties in the HTML take precedence.
  package func with(headersOf response: FetchResponse, agent: String) -> Page {
    var page = self
    if let value = response.headers["x-robots-tag"] { page.add(RobotsDirectives(header: value, agent: agent)) }
    for link in response.headers["link"].map({ LinkHeader($0).links }) ?? [] {
      guard let url = try? NormalizedURL(link.reference, relativeTo: url) else { continue }
      if link.relations.contains("canonical") { page.canonical = page.canonical ?? url }
      guard link.relations.contains("alternate") else { continue }
      if let language = link.parameters["hreflang"] {
        page.alternates.append(.init(language: language, url: url))
      } else if link.parameters["type"]?.lowercased().hasPrefix("text/markdown") ?? false {
        page.markdownURL = page.markdownURL ?? url
      }
    }
    if page.refreshURL == nil,
      let target = response.headers["refresh"].flatMap({ RefreshDirective.target(of: $0, within: 5) })
    {
      page.refreshURL = try? NormalizedURL(target, relativeTo: url)
    }
    page.language = page.language ?? response.headers["content-language"].map { String($0.prefix { $0 != "," }).folded }
    return page
  }
}
