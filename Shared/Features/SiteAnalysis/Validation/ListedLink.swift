import Web

/// A link of an llms.txt, resolved.
struct ListedLink: Sendable {
  let line: Int
  let link: LLMSLink
  let url: NormalizedURL

  /// The links that lead somewhere, in the order of the file; those before the first section, too.
  static func all(in file: LLMSFile, location: NormalizedURL?) -> [ListedLink] {
    (file.headLinks + file.links).compactMap { line, link in
      (try? NormalizedURL(link.url, relativeTo: location)).map { ListedLink(line: line, link: link, url: $0) }
    }
  }

  /// The spelling under which two links are one: without scheme, `www.` and a slash at the end, but with the place in
  /// the page.
  var key: String {
    let identity = url.pageIdentity
    var text = identity.host.hasPrefix("www.") ? String(identity.host.dropFirst(4)) : identity.host
    if let port = identity.port { text += ":\(port)" }
    text += identity.path.hasSuffix("/") ? identity.path.dropLast() : identity.path[...]
    if let query = identity.query { text += "?\(query)" }
    return text + (place ?? "")
  }

  /// The place in the page, with its sign; nil where the link is to the page.
  var place: Substring? { link.url.firstIndex(of: "#").map { link.url[$0...] }.flatMap { $0.count > 1 ? $0 : nil } }

  /// The line with another URL.
  func corrected(url: NormalizedURL) -> String { LLMSLink.line(link.title, url.description, link.description) }
}
