import Crawling
import Web

/// The share of the pages in a site's sitemaps that an llms.txt links to, in total and by part of the site.
///
/// A good file links to few pages, but to every part of the site.
package struct Coverage: Sendable, Encodable, Equatable {
  package struct Part: Sendable, Encodable, Equatable {
    /// The folder of the pages, with the language folder before it if there is one.
    package let path: String
    package let pages: Int
    package let linked: Int
  }

  package struct Language: Sendable, Encodable, Equatable {
    /// The language code in the first folder of the URLs; empty for URLs without one.
    package let language: String
    package let pages: Int
    package let linked: Int
  }

  package let sitemaps: Int
  package let pages: Int
  package let linked: Int
  /// `linked` divided by `pages`, rounded to hundredths.
  package let share: Double
  /// The fifty largest parts, the largest first.
  package let sections: [Part]
  package let languages: [Language]

  /// - Parameters:
  ///   - sitemaps: The number of sitemaps.
  ///   - entries: The URLs that the sitemaps list.
  ///   - links: The targets of the file's links, after redirects.
  ///   - site: A URL of the site.
  init(sitemaps: Int, entries: [NormalizedURL], links: [NormalizedURL], site: NormalizedURL) {
    let linkedPages = Set(links.map(Self.identity))
    var linkedParts: Set<String> = []
    for link in links where link.isSameSite(as: site) { linkedParts.insert(Self.part(link).path) }
    var seen: Set<String> = []
    var parts: [String: (pages: Int, linked: Int)] = [:]
    var languages: [String: (pages: Int, linked: Int)] = [:]
    var linked = 0
    for entry in entries where entry.isSameSite(as: site) && Scope.looksLikePage(entry) && !PageAddress.isSystem(entry)
    {
      let identity = Self.identity(entry)
      guard seen.insert(identity).inserted else { continue }
      let isLinked = linkedPages.contains(identity)
      if isLinked { linked += 1 }
      let (language, path) = Self.part(entry)
      languages[language, default: (0, 0)].pages += 1
      languages[language]!.linked += isLinked ? 1 : 0
      // A link to any page of the folder, such as its head, counts even if the sitemaps do not list that page.
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

  /// The parts with three or more pages and no link, in the languages that the file links to.
  var uncovered: [Part] {
    let own = Set(languages.filter { $0.linked > 0 }.map(\.language))
    return sections.filter { part in
      part.pages >= 3 && part.linked == 0
        && (own.isEmpty || own.contains(Self.language(part.path.split(separator: "/").first)))
    }
  }

  /// Returns the same key for all spellings of a page's path: with or without `.html`, `.md` or a slash at its end.
  private static func identity(_ url: NormalizedURL) -> String {
    let url = url.pageIdentity
    var path = url.path[...]
    for ending in [".md", ".html", ".htm", "/index", "/"] where path.hasSuffix(ending) {
      path = path.dropLast(ending.count)
    }
    return path + (url.query.map { "?\($0)" } ?? "")
  }

  /// Returns the language code in the first folder, or an empty string, and the path of the first other folder.
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

  /// ISO 639-1 codes that are common on websites, without ambiguous ones such as `io` and `tv`.
  private static let codes: Set<String> = [
    "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "gl", "he", "hi", "hr",
    "hu", "id", "is", "it", "ja", "ka", "kk", "ko", "lt", "lv", "mk", "ms", "nb", "nl", "nn", "no", "pl", "pt", "ro",
    "ru", "sk", "sl", "sq", "sr", "sv", "ta", "th", "tr", "uk", "ur", "vi", "zh",
  ]
}
