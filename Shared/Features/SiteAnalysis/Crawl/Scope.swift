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
    guard url.isSameSite(as: home) else { return false }
    if url.pageIdentity == home.pageIdentity { return true }
    guard url.path.hasPrefix(folder) || url.path + "/" == folder else { return false }
    if exclude.contains(where: { $0.matches(url.path) }) { return false }
    return include.isEmpty || include.contains { $0.matches(url.path) }
  }

  /// Whether a URL looks as if it led to a page: not to an image, an archive or a search.
  static func looksLikePage(_ url: NormalizedURL) -> Bool {
    guard let last = url.segments.last, let dot = last.lastIndex(of: "."), dot != last.startIndex else { return true }
    return pageExtensions.contains(last[last.index(after: dot)...].lowercased()) || last[dot...].count > 6
      || last[last.index(after: dot)...].allSatisfy(\.isNumber)
  }

  private static let pageExtensions: Set<String> = [
    "html", "htm", "xhtml", "shtml", "php", "asp", "aspx", "jsp", "cfm", "do",
  ]
}
