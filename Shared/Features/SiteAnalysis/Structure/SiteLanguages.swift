import Web

/// Which of a site's languages an analysis keeps to, and what tells that a page is in another.
struct SiteLanguages: Sendable {
  /// A primary language, such as `de`: the one that was asked for, else the home page's own.
  let wanted: String?
  /// Folders that the home page names as itself in other languages.
  private let foreignFolders: [String]
  private let home: NormalizedURL

  init(home: Page, asked: String?) {
    self.home = home.url
    let own = home.alternates.first {
      $0.url.pageIdentity == home.url.pageIdentity && $0.language.lowercased() != "x-default"
    }
    wanted = asked ?? (home.language ?? own?.language).map(Self.primary)
    guard let wanted else {
      foreignFolders = []
      return
    }
    let twins = home.alternates.filter { $0.url.isSameSite(as: home.url) && $0.url.query == nil }
    // Of a language's regions one is enough: the home page's own, else that of no region, else the first.
    let regions = twins.filter { Self.primary($0.language) == wanted }
    let region =
      regions.first { $0.url.pageIdentity == home.url.pageIdentity } ?? regions.first { !$0.language.contains("-") }
      ?? regions.first
    let kept = Set(
      twins.filter {
        Self.isDefault($0.language) || $0.url == region?.url || $0.url.pageIdentity == home.url.pageIdentity
      }.map(\.url.path))
    foreignFolders = Set(twins.map(\.url.path)).subtracting(kept).map { $0.hasSuffix("/") ? $0 : $0 + "/" }
      .filter { folder in !home.url.folder.hasPrefix(folder) && !kept.contains { $0.hasPrefix(folder) } }.sorted()
  }

  /// Whether a folder is called by a language: `en`, `pt-br`, `zh_CN`.
  static func isCode(_ segment: Substring) -> Bool {
    let parts = segment.lowercased().split { $0 == "-" || $0 == "_" }
    return (1...2).contains(parts.count) && codes.contains(String(parts[0]))
      && (parts.count == 1 || (2...4).contains(parts[1].count))
  }

  /// Those that sites come in; ISO 639 has more, among them words such as `go`, `as` and `or`.
  private static let codes = Set(
    "ar bg ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv ms nb nl no pl pt ro ru sk sl sr sv th tr uk vi zh"
      .split(separator: " ").map(String.init))

  static func primary(_ language: String) -> String {
    String(language.prefix { $0 != "-" && $0 != "_" }).lowercased()
  }

  private static func isDefault(_ language: String) -> Bool { language.lowercased() == "x-default" }

  /// Whether a page need not be read to know that it is in another language.
  func isForeign(_ url: NormalizedURL) -> Bool {
    !foreignFolders.isEmpty && foreignFolders.contains { url.path.hasPrefix($0) || url.path + "/" == $0 }
      && url.isSameSite(as: home)
  }

  /// What the pages of a site say of each other's languages.
  struct Claims {
    private var languages: [NormalizedURL: Set<String>] = [:]
    private let addresses: Set<NormalizedURL>

    init(_ pages: [Page]) {
      addresses = Set(pages.map(\.url.pageIdentity))
      for page in pages {
        for alternate in page.alternates where !SiteLanguages.isDefault(alternate.language) {
          languages[alternate.url.spelled(as: page.url).pageIdentity, default: []].insert(
            SiteLanguages.primary(alternate.language))
        }
      }
    }

    /// Whether a page is in another language than is wanted: by its own word, by that of its twins, or because it
    /// stands in a
    /// language's folder and its twin outside of it.
    func isForeign(_ page: Page, wanted: String) -> Bool {
      // Templates are translated without their `lang`, so the twins are believed rather where they agree.
      let claimed = languages[page.url.pageIdentity]
      if let claimed, claimed.count == 1 { return !claimed.contains(wanted) }
      if let own = page.language.map(SiteLanguages.primary), own != wanted { return true }
      if let claimed { return !claimed.contains(wanted) }
      guard page.language == nil, let folder = page.url.segments.first,
        folder.prefix(while: { $0 != "-" && $0 != "_" }).count == 2,
        folder.count == 2 || folder.count == 5, SiteLanguages.primary(String(folder)) != wanted
      else { return false }
      let rest = String(page.url.path.dropFirst(folder.count + 1))
      return rest != "/"
        && [rest, "/" + wanted + rest].contains { addresses.contains(page.url.at(path: $0).pageIdentity) }
    }
  }
}
