import Contract
package import Fetch
package import Web

/// A site that is fetched from another address than its public one, such as a local build before it is published.
///
/// ``fetcher(_:)`` translates in both directions: a request for a public URL is sent to the copy, and URLs of the copy
/// in its responses become public ones. So the rest of a crawl knows only public URLs, and no request is sent to the
/// public site.
package struct PublicAddress: Sendable, Hashable, Codable {
  /// The public URL of the site, which ends with a slash.
  package let base: NormalizedURL
  /// The URL of the copy, which ends with a slash.
  package let source: NormalizedURL

  /// - Parameters:
  ///   - base: the public URL of the site; a folder, also without a slash at its end.
  ///   - source: the URL of the copy: a folder, or a page in it.
  package init(_ base: NormalizedURL, source: NormalizedURL) {
    self.base = base.at(path: base.path.hasSuffix("/") ? base.path : base.path + "/")
    self.source = source.at(path: Scope.folder(source))
  }

  // MARK: URLs

  /// The URL at which the copy has a public URL; nil for other sites.
  func sourceURL(of url: NormalizedURL) -> NormalizedURL? {
    guard url.isSameSite(as: base) else { return nil }
    // robots.txt, for example, is outside of a folder.
    return source.withPath(Self.moved(url.path, from: base.path, to: source.path) ?? url.path, query: url.query)
  }

  /// The public URL of a URL of the copy; nil for other URLs.
  func publicURL(of url: NormalizedURL) -> NormalizedURL? {
    guard sourceOrigins.contains(url.origin), let path = Self.moved(url.path, from: source.path, to: base.path) else {
      return nil
    }
    return base.withPath(path, query: url.query)
  }

  /// The public URLs of the sitemaps of a crawl.
  ///
  /// A crawl asks for `/sitemap.xml` at the root of the site. If the public address is a folder, the copy is published
  /// in that folder, with its sitemap.
  package func published(_ discovery: Discovery) -> Discovery {
    func published(_ url: NormalizedURL) -> NormalizedURL {
      guard url.isSameSite(as: base), !url.path.hasPrefix(base.path) else { return url }
      return base.withPath(base.path + url.path.dropFirst(), query: url.query) ?? url
    }
    var discovery = discovery
    discovery.sitemaps = discovery.sitemaps.map(published)
    for index in discovery.sources.indices {
      discovery.sources[index].url = discovery.sources[index].url.map(published)
    }
    return discovery
  }

  /// The path below another folder; nil if it is not in the first folder.
  private static func moved(_ path: String, from: String, to: String) -> String? {
    if path + "/" == from { return to }
    return path.hasPrefix(from) ? to + path.dropFirst(from.count) : nil
  }

  /// The origin of the copy. This machine has several names, and a local server may write another one than it was asked
  /// with.
  private var sourceOrigins: [String] {
    let names = ["localhost", "127.0.0.1", "[::1]"]
    guard names.contains(source.host) else { return [source.origin] }
    let port = source.port.map { ":\($0)" } ?? ""
    return names.map { "\(source.scheme.rawValue)://\($0)\(port)" }
  }

  // MARK: Requests

  /// A fetcher for the public URLs of the site.
  package func fetcher(_ fetcher: Fetcher) -> Fetcher {
    let fetch = fetcher.fetch
    return Fetcher { request throws(FetchError) in
      guard let url = try? NormalizedURL(request.url), let target = sourceURL(of: url) else {
        return try await fetch(request)
      }
      var request = request
      request.url = target.description
      // The whole body is needed to translate it; the response then contains it.
      request.onBody = nil
      var response = try await fetch(request)
      if let location = response.redirectTarget(from: target) {
        response.headers["location"] = (publicURL(of: location) ?? location).description
      }
      response.body = translated(response.body, isHTML: response.isHTML)
      return response
    }
  }

  // MARK: Bodies

  /// The body of a response with public URLs instead of those of the copy.
  ///
  /// Only references are replaced: attributes of HTML, locations in sitemaps, links in Markdown, and URLs at the
  /// beginning of a word in plain text. A URL in the text of an HTML page is part of what the page says.
  func translated(_ body: [UInt8], isHTML: Bool) -> [UInt8] {
    let origins = sourceOrigins.map { Array($0.utf8) }
    let movesPaths = isHTML && source.path != base.path
    var output: [UInt8] = []
    var copied = 0
    var index = 0
    func replace(_ end: Int, by text: String) {
      output += body[copied..<index] + text.utf8
      (copied, index) = (end, end)
    }
    while index < body.count {
      if body[index] == UInt8(ascii: "h"), Self.isReference(body, index, isHTML: isHTML),
        let origin = origins.first(where: { body[index...].starts(with: $0) })
      {
        let start = index + origin.count
        let end = Self.end(of: body, from: start)
        let path = String(decoding: body[start..<end], as: UTF8.self)
        if path.isEmpty || "/?#".contains(path.first!),
          let path = Self.moved(
            path.first == "/" ? path : "/" + path, from: source.path, to: base.path)
        {
          replace(end, by: base.origin + path)
          continue
        }
      } else if movesPaths, body[index] == UInt8(ascii: "/"), Self.isLinkPath(body, index) {
        let end = Self.end(of: body, from: index)
        if let path = publicPath(String(decoding: body[index..<end], as: UTF8.self)) {
          replace(end, by: path)
          continue
        }
      }
      index += 1
    }
    return copied == 0 ? body : output + body[copied...]
  }

  /// The public path for an absolute path in a link; nil if it stays.
  ///
  /// A site that is built for a folder has that folder in its links, although the copy may be elsewhere.
  private func publicPath(_ path: String) -> String? {
    if base.path.count > source.path.count, path.hasPrefix(base.path) || path + "/" == base.path { return nil }
    return Self.moved(path, from: source.path, to: base.path)
  }

  /// Whether a URL at this position is a reference.
  private static func isReference(_ body: [UInt8], _ index: Int, isHTML: Bool) -> Bool {
    guard index > 0 else { return true }
    let previous = body[index - 1]
    if isHTML { return "\"'=".utf8.contains(previous) }
    return previous <= 0x20 || "\"'=(<>".utf8.contains(previous)
  }

  /// Whether an absolute path at this position is the value of `href` or `src`.
  private static func isLinkPath(_ body: [UInt8], _ index: Int) -> Bool {
    guard index + 1 == body.count || body[index + 1] != UInt8(ascii: "/") else { return false }
    var end = index
    func skipBack(_ bytes: String.UTF8View) { while end > 0, bytes.contains(body[end - 1]) { end -= 1 } }
    skipBack("\"' \t\n\r".utf8)
    guard end > 0, body[end - 1] == UInt8(ascii: "=") else { return false }
    end -= 1
    skipBack(" \t\n\r".utf8)
    let name = String(decoding: body[max(0, end - 4)..<end], as: UTF8.self).lowercased()
    return name == "href" || name.hasSuffix("src")
  }

  /// The end of the URL that begins or continues at this position.
  private static func end(of body: [UInt8], from start: Int) -> Int {
    body[start...].firstIndex { $0 <= 0x20 || "\"'<>)".utf8.contains($0) } ?? body.count
  }
}

extension NormalizedURL {
  /// A URL of the same origin. Path and query must already be percent-encoded.
  fileprivate func withPath(_ path: String, query: String?) -> NormalizedURL? {
    try? NormalizedURL(origin + path + (query.map { "?\($0)" } ?? ""))
  }
}

extension PublicAddress {
  /// The public URL of a site that is fetched from elsewhere, by the canonical links of its pages.
  ///
  /// - Parameters:
  ///   - pages: the URLs of pages, and the targets of their canonical links.
  ///   - folder: the folder of the site, which ends with a slash.
  /// - Returns: a URL that ends with a slash; nil if the canonical links lead to this site or to several ones, or if
  ///   most pages have none.
  package static func claimed(
    by pages: [(url: NormalizedURL, canonical: NormalizedURL?)], in folder: String
  ) -> NormalizedURL? {
    let links = pages.compactMap { page in page.canonical.map { (url: page.url, canonical: $0) } }
    guard let first = links.first?.canonical, links.count * 2 > pages.count,
      links.allSatisfy({ $0.canonical.hasSameOrigin(as: first) && !$0.canonical.isSameSite(as: $0.url) })
    else { return nil }
    let bases = Set(links.map { base(of: $0.canonical, for: $0.url, in: folder) })
    return first.at(path: bases.count == 1 ? bases.first! ?? "/" : "/")
  }

  /// The path of a canonical link without the path of the page in its site; nil if they have different ends.
  private static func base(of canonical: NormalizedURL, for url: NormalizedURL, in folder: String) -> String? {
    guard url.path.hasPrefix(folder) else { return nil }
    let page = url.versionIdentity.path.dropFirst(folder.count - 1)
    let path = canonical.versionIdentity.path
    if page == "" || page == "/" { return path.hasSuffix("/") ? path : path + "/" }
    return path.hasSuffix(page) ? path.dropLast(page.count) + "/" : nil
  }
}
