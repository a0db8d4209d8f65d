import Web

/// Which URLs belong to the site that was asked for.
struct Scope: Sendable {
  let home: NormalizedURL
  private let include: [Glob]
  private let exclude: [Glob]
  /// The path that all pages lie under, with a slash at its end.
  private let folder: String

  /// - Parameter home: where the URL that was asked for led; a path in it narrows the site to what lies under it.
  init(home: NormalizedURL, include: [Glob], exclude: [Glob]) {
    self.home = home
    self.include = include
    self.exclude = exclude
    let last = home.segments.last ?? ""
    folder = home.path.hasSuffix("/") || last.contains(".") ? home.folder : home.path + "/"
  }

  func contains(_ url: NormalizedURL) -> Bool {
    guard url.hasSameOrigin(as: home) || url.isSameSite(as: home) else { return false }
    guard url.path.hasPrefix(folder) || url.path + "/" == folder else { return url.pageIdentity == home.pageIdentity }
    if include.isEmpty, exclude.isEmpty { return true }
    if url.pageIdentity == home.pageIdentity { return true }
    if exclude.contains(where: { $0.matches(url.path) }) { return false }
    return include.isEmpty || include.contains { $0.matches(url.path) }
  }

  /// The section of the site that a page lies in: the first segment below the site's folder, and empty for the pages at its top.
  func section(of url: NormalizedURL) -> String {
    let path = url.path.utf8
    let rest = path.starts(with: folder.utf8) ? path.dropFirst(folder.utf8.count) : path.dropFirst()
    guard let slash = rest.firstIndex(of: UInt8(ascii: "/")), path.index(after: slash) != path.endIndex else { return "" }
    return String(Substring(rest[..<slash]))
  }

  /// Whether a URL looks as if it led to a page: not to an image, an archive or a search.
  static func looksLikePage(_ url: NormalizedURL) -> Bool {
    let path = url.path.utf8
    let end = path.last == UInt8(ascii: "/") ? path.dropLast() : path[...]
    let last = end.lastIndex(of: UInt8(ascii: "/")).map { end[path.index(after: $0)...] } ?? end
    guard let dot = last.lastIndex(of: UInt8(ascii: ".")), dot != last.startIndex else { return true }
    let name = last[path.index(after: dot)...]
    return name.count > 5 || name.allSatisfy { (0x30...0x39).contains($0) } || pageExtensions.contains(String(Substring(name)).lowercased())
  }

  private static let pageExtensions: Set<String> = [
    "html", "htm", "xhtml", "shtml", "php", "asp", "aspx", "jsp", "cfm", "do",
  ]
}
