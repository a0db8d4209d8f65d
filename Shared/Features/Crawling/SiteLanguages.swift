package import Web

/// The language that an analysis is restricted to, and the rules that detect pages in other languages.
package struct SiteLanguages: Sendable {
  /// The primary language subtag, such as `de`: the requested language, or else that of the home page.
  package let wanted: String?
  /// The folders of the home page's translations (`hreflang`) in other languages.
  private let foreignFolders: [String]
  private let home: NormalizedURL

  package init(home: Page, asked: String?) {
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
    // Keep one region of the language: the home page's own, else the one without a region, else the first.
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

  /// Whether a path segment is a language code such as `en`, `pt-br` or `zh_CN`.
  package static func isCode(_ segment: Substring) -> Bool {
    let parts = segment.lowercased().split { $0 == "-" || $0 == "_" }
    return (1...2).contains(parts.count) && codes.contains(String(parts[0]))
      && (parts.count == 1 || (2...4).contains(parts[1].count))
  }

  /// The languages that are common on the web. ISO 639 has more, but some of its codes are words, such as `go` and
  /// `as`.
  private static let codes = Set(
    """
    ar bg ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv ms nb nl no pl pt ro ru sk sl sr sv th tr \
    uk vi zh
    """
    .split(separator: " ").map(String.init))

  /// Returns the primary subtag of a language tag in lower case: `pt` for `pt-BR`.
  package static func primary(_ language: String) -> String {
    String(language.prefix { $0 != "-" && $0 != "_" }).lowercased()
  }

  private static func isDefault(_ language: String) -> Bool { language.lowercased() == "x-default" }

  /// Whether the URL alone shows that a page is in another language.
  package func isForeign(_ url: NormalizedURL) -> Bool {
    !foreignFolders.isEmpty && foreignFolders.contains { url.path.hasPrefix($0) || url.path + "/" == $0 }
      && url.isSameSite(as: home)
  }

  /// The languages that the pages of a site declare for one another with `hreflang` links.
  package struct Claims {
    private var languages: [NormalizedURL: Set<String>] = [:]
    private let addresses: Set<NormalizedURL>

    package init(_ pages: [Page]) {
      addresses = Set(pages.map(\.url.pageIdentity))
      for page in pages {
        for alternate in page.alternates where !SiteLanguages.isDefault(alternate.language) {
          languages[alternate.url.usingOrigin(of: page.url).pageIdentity, default: []].insert(
            SiteLanguages.primary(alternate.language))
        }
      }
    }

    /// Whether a page is in a language other than `wanted`.
    ///
    /// The evidence is the `hreflang` links of other pages, the page's own `lang`, or its place in a language folder if
    /// the same path exists outside of that folder.
    package func isForeign(_ page: Page, wanted: String) -> Bool {
      // Translated templates often keep the original `lang`, so a unanimous `hreflang` has precedence.
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
