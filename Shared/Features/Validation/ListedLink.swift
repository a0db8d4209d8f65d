import Web

/// A link of an llms.txt with its resolved URL.
struct ListedLink: Sendable {
  let line: Int
  let link: LLMSLink
  let url: NormalizedURL

  /// Returns the links with a valid URL in the order of the file, including those before the first section.
  static func all(in file: LLMSFile, location: NormalizedURL?) -> [ListedLink] {
    (file.headLinks + file.links).compactMap { line, link in
      (try? NormalizedURL(link.url, relativeTo: location)).map { ListedLink(line: line, link: link, url: $0) }
    }
  }

  /// The key that duplicate links share: the URL without scheme, `www.` and final slash, but with the fragment.
  var key: String {
    let identity = url.pageIdentity
    var text = identity.host.hasPrefix("www.") ? String(identity.host.dropFirst(4)) : identity.host
    if let port = identity.port { text += ":\(port)" }
    text += identity.path.hasSuffix("/") ? identity.path.dropLast() : identity.path[...]
    if let query = identity.query { text += "?\(query)" }
    return text + (fragment ?? "")
  }

  /// The URL's fragment with its `#`, or `nil` if there is none.
  var fragment: Substring? { link.url.firstIndex(of: "#").map { link.url[$0...] }.flatMap { $0.count > 1 ? $0 : nil } }

  /// Returns the link's line with another URL.
  func corrected(url: NormalizedURL) -> String { LLMSLink.line(link.title, url.description, link.description) }
}
