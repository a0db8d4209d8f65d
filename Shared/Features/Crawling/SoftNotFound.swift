package import Web

/// Detects pages that say "not found" although their status is 200 ("soft 404").
///
/// Two methods: the words in a page's title, and a comparison with the site's answer for a URL that does not exist.
package struct SoftNotFound: Sendable {
  /// The site's answer for a URL that does not exist; nil if its status says so, or if the site was not asked.
  private let answer: Answer?

  private struct Answer: Sendable {
    let page: Page
    let words: [Substring: Int]
  }

  /// Detects such pages by their titles only.
  package static let byName = SoftNotFound(answer: nil)

  private init(answer: Page?) { self.answer = answer.map { Answer(page: $0, words: Self.bag(of: $0)) } }

  /// The time limit of the probe, which runs while sitemaps are fetched.
  private static let timeLimit = Duration.seconds(5)

  /// Requests one URL that does not exist, if robots.txt allows it.
  package static func probing(_ home: NormalizedURL, with loader: PageLoader) async -> SoftNotFound {
    let bounded = loader.limited(to: timeLimit + loader.client.pace.interval * 2)
    guard case .page(let loaded) = await bounded.load(missingURL(at: home)) else { return byName }
    return SoftNotFound(answer: loaded.page)
  }

  /// The URL of the probe. It is always the same for a site, so that reports are reproducible and the site's operator can
  /// recognize it in the log.
  package static func missingURL(at home: NormalizedURL) -> NormalizedURL {
    // The FNV-1a hash.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in home.description.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return home.at(path: home.folder + "no-such-page-" + String(hash, radix: 36))
  }

  package func matches(_ page: Page) -> Bool {
    // The text of such a page is unknown; it is reported as `needs_javascript`.
    guard !page.isScriptShell else { return false }
    if page.words < Self.maximumWords,
      [page.heading, page.title].contains(where: { $0.map(Self.saysNotFound) ?? false })
    {
      return true
    }
    guard let answer else { return false }
    // The probe was redirected to this page, so the page stands for missing ones.
    if page.url.pageIdentity == answer.page.url.pageIdentity { return true }
    if page.words > 0, page.fingerprint == answer.page.fingerprint { return true }
    guard page.title == answer.page.title, abs(page.words - answer.page.words) <= 8 + answer.page.words / 20 else {
      return false
    }
    return Self.areNearlyEqual(answer.words, Self.bag(of: page))
  }

  // MARK: Comparison of words

  /// Whether two pages differ in three words or in a tenth of their words at most.
  private static func areNearlyEqual(_ a: [Substring: Int], _ b: [Substring: Int]) -> Bool {
    let common = a.reduce(0) { $0 + min($1.value, b[$1.key] ?? 0) }
    let most = max(a.values.reduce(0, +), b.values.reduce(0, +))
    return most >= 3 && (most - common <= 3 && common >= 3 || common * 10 >= most * 9)
  }

  /// The number of times each word occurs in the page, without the words of its URL, which "not found" pages repeat.
  private static func bag(of page: Page) -> [Substring: Int] {
    func words(_ text: some StringProtocol) -> [Substring] { String(text).split { !$0.isLetter && !$0.isNumber } }
    let address = Set(words(page.url.pathAndQuery))
    var bag: [Substring: Int] = [:]
    let text = (page.headings.map(\.text) + page.paragraphs).joined(separator: " ")
    for word in words(text.prefix(4000)) where !address.contains(word) { bag[word, default: 0] += 1 }
    return bag
  }

  // MARK: Titles

  /// Pages with more words are not judged by their titles: they may explain the status 404.
  private static let maximumWords = 80

  private static func saysNotFound(_ title: String) -> Bool {
    let text = Array(title.lowercased().replacing("’", with: "'").utf8.prefix(100))
    if text.starts(with: "404".utf8), text.count == 3 || text.count <= 40 && text[3] == 0x20 { return true }
    // "Oops!" or a short name of the site may come before the phrase.
    return phrases.occur(in: text, within: 12)
  }

  private static let phrases = Phrases([
    "page not found", "page could not be found", "page cannot be found", "page can't be found", "page can not be found",
    "page does not exist",
    "page doesn't exist", "not found (404)", "404 not found", "error 404", "404 error", "nothing found",
    "file not found", "no such page",
    "seite nicht gefunden", "seite wurde nicht gefunden", "seite existiert nicht", "page introuvable",
    "page non trouvée",
    "página no encontrada", "página não encontrada", "pagina non trovata", "pagina niet gevonden",
    "nie znaleziono strony",
    "strona nie została znaleziona", "stránka nenalezena", "sidan hittades inte", "sidan kunde inte hittas",
    "siden blev ikke fundet", "siden ble ikke funnet",
    "sivua ei löytynyt", "az oldal nem található", "pagina nu a fost găsită", "sayfa bulunamadı", "страница не найдена",
    "сторінку не знайдено",
    "ページが見つかりません", "页面不存在", "找不到页面", "未找到页面", "找不到網頁", "페이지를 찾을 수 없습니다",
  ])
}
