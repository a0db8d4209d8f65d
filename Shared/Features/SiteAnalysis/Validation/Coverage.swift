import Web

/// How much of what a site's sitemaps list a file reaches.
///
/// A file is a choice: few of the pages need be in it, but no part of the site should be without a link.
package struct Coverage: Sendable, Encodable, Equatable {
  package struct Part: Sendable, Encodable, Equatable {
    /// The folder that its pages lie in, with its language's where there is one.
    package let path: String
    package let pages: Int
    package let linked: Int
  }

  package struct Language: Sendable, Encodable, Equatable {
    /// As the first folder of the URLs says; empty for those without.
    package let language: String
    package let pages: Int
    package let linked: Int
  }

  package let sitemaps: Int
  package let pages: Int
  package let linked: Int
  /// 0 to 1, in hundredths.
  package let share: Double
  /// The fifty largest, the largest first.
  package let sections: [Part]
  package let languages: [Language]

  /// - Parameter links: where the file's links lead, redirects followed.
  init(sitemaps: Int, entries: [NormalizedURL], links: [NormalizedURL], site: NormalizedURL) {
    let linkedPages = Set(links.map(Self.identity))
    var linkedParts: Set<String> = []
    for link in links where link.isSameSite(as: site) { linkedParts.insert(Self.part(link).path) }
    var seen: Set<String> = []
    var parts: [String: (pages: Int, linked: Int)] = [:]
    var languages: [String: (pages: Int, linked: Int)] = [:]
    var linked = 0
    for entry in entries where entry.isSameSite(as: site) && Scope.looksLikePage(entry) && !PageKind.isSystem(entry) {
      let identity = Self.identity(entry)
      guard seen.insert(identity).inserted else { continue }
      let isLinked = linkedPages.contains(identity)
      if isLinked { linked += 1 }
      let (language, path) = Self.part(entry)
      languages[language, default: (0, 0)].pages += 1
      languages[language]!.linked += isLinked ? 1 : 0
      // The page at a folder's own address counts to it, but a page at the top that heads none is no part.
      parts[path, default: (0, 0)].pages += 1
      parts[path]!.linked += isLinked || (linkedParts.contains(path) && parts[path]!.linked == 0) ? 1 : 0
    }
    self.sitemaps = sitemaps
    pages = seen.count
    self.linked = linked
    share = seen.isEmpty ? 0 : (Double(linked) / Double(seen.count) * 100).rounded() / 100
    sections = parts.filter { $0.value.pages > 1 && $0.key.utf8.count > 1 }
      .map { Part(path: $0.key, pages: $0.value.pages, linked: $0.value.linked) }
      .sorted { ($1.pages, $0.path) < ($0.pages, $1.path) }.prefix(50).map { $0 }
    self.languages = languages.map { Language(language: $0.key, pages: $0.value.pages, linked: $0.value.linked) }
      .sorted { ($1.pages, $0.language) < ($0.pages, $1.language) }
  }

  /// Parts of three pages or more that nothing links, in the languages that the file has links in.
  var uncovered: [Part] {
    let own = Set(languages.filter { $0.linked > 0 }.map(\.language))
    return sections.filter { part in
      part.pages >= 3 && part.linked == 0
        && (own.isEmpty || own.contains(Self.language(part.path.split(separator: "/").first)))
    }
  }

  /// A page under whatever spelling: with or without `.html`, `.md` or a slash at its end.
  private static func identity(_ url: NormalizedURL) -> String {
    let url = url.pageIdentity
    var path = url.path[...]
    for ending in [".md", ".html", ".htm", "/index", "/"] where path.hasSuffix(ending) {
      path = path.dropLast(ending.count)
    }
    return path + (url.query.map { "?\($0)" } ?? "")
  }

  /// The language that the first folder names, and the first folder besides.
  private static func part(_ url: NormalizedURL) -> (language: String, path: String) {
    let segments = identity(url).prefix { $0 != "?" }.split(separator: "/")
    let language = language(segments.first)
    let folders = segments.prefix(language.isEmpty ? 1 : 2)
    return (language, "/" + folders.map { "\($0)/" }.joined())
  }

  private static func language(_ segment: Substring?) -> String {
    guard let segment = segment?.lowercased(),
      let code = segment.split(whereSeparator: { $0 == "-" || $0 == "_" }).first.map(String.init),
      segment.utf8.count == 2 || segment.utf8.count == 5, codes.contains(code)
    else { return "" }
    return segment
  }

  /// ISO 639-1, those that sites are written in; without `io`, `tv` and their like, which are more often something
  /// else.
  private static let codes: Set<String> = [
    "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "gl", "he", "hi", "hr",
    "hu", "id", "is", "it", "ja",
    "ka", "kk", "ko", "lt", "lv", "mk", "ms", "nb", "nl", "nn", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr",
    "sv", "ta", "th", "tr", "uk",
    "ur", "vi", "zh",
  ]
}
