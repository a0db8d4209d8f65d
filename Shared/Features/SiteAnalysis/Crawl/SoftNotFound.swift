import Contract
import Fetch
import Web

/// Tells pages that are there from those that only say that nothing is there, with status 200.
///
/// A site that answers every address with a page is found out by asking for one that nobody made.
struct SoftNotFound: Sendable {
  /// What the site answers for an address that does not exist; nil where it says so by its status.
  private let answer: Answer?

  private struct Answer: Sendable {
    let page: Page
    let words: [Substring: Int]
  }

  /// Knows only how such pages call themselves.
  static let byName = SoftNotFound(answer: nil)

  private init(answer: Page?) { self.answer = answer.map { Answer(page: $0, words: Self.bag(of: $0)) } }

  /// How long the answer may take: nothing waits for it that long but the end of a very small site.
  private static let patience = Duration.seconds(5)

  /// Asks the site for a page that does not exist, once, if its robots.txt lets us.
  static func probing(_ home: NormalizedURL, with loader: PageLoader) async -> SoftNotFound {
    let patient = loader.limited(to: patience + loader.pace.interval * 2)
    guard case .page(let loaded) = await patient.load(address(at: home)) else { return byName }
    return SoftNotFound(answer: loaded.page)
  }

  /// Always the same for the same site, so that a report does not depend on it, and a site that looks it up in its log
  /// finds it.
  static func address(at home: NormalizedURL) -> NormalizedURL {
    // FNV-1a.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in home.description.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return home.at(path: home.folder + "no-such-page-" + String(hash, radix: 36))
  }

  func matches(_ page: Page) -> Bool {
    // What a browser would draw is not known, and told as such.
    guard !page.isScriptShell else { return false }
    if page.words < Self.maximumWords,
      [page.heading, page.title].contains(where: { $0.map(Self.saysNotFound) ?? false })
    {
      return true
    }
    guard let answer else { return false }
    // It was asked for one made-up page; whatever leads to where that led is made up, too.
    if page.url.pageIdentity == answer.page.url.pageIdentity { return true }
    if page.words > 0, page.fingerprint == answer.page.fingerprint { return true }
    guard page.title == answer.page.title, abs(page.words - answer.page.words) <= 8 + answer.page.words / 20 else {
      return false
    }
    return Self.areNearlyEqual(answer.words, Self.bag(of: page))
  }

  // MARK: Nearly the same words

  private static func areNearlyEqual(_ a: [Substring: Int], _ b: [Substring: Int]) -> Bool {
    let common = a.reduce(0) { $0 + min($1.value, b[$1.key] ?? 0) }
    let most = max(a.values.reduce(0, +), b.values.reduce(0, +))
    return most >= 3 && (most - common <= 3 && common >= 3 || common * 10 >= most * 9)
  }

  /// How often the page has each word, but for those of its address, which such pages repeat.
  private static func bag(of page: Page) -> [Substring: Int] {
    func words(_ text: some StringProtocol) -> [Substring] { String(text).split { !$0.isLetter && !$0.isNumber } }
    let address = Set(words(page.url.pathAndQuery))
    var bag: [Substring: Int] = [:]
    let text = (page.headings.map(\.text) + page.paragraphs).joined(separator: " ")
    for word in words(text.prefix(4000)) where !address.contains(word) { bag[word, default: 0] += 1 }
    return bag
  }

  // MARK: What it calls itself

  /// A page that explains the status has more to say.
  private static let maximumWords = 80

  private static func saysNotFound(_ title: String) -> Bool {
    let text = Array(title.lowercased().replacing("’", with: "'").utf8.prefix(100))
    if text.starts(with: "404".utf8), text.count == 3 || text.count <= 40 && text[3] == 0x20 { return true }
    // Before the phrase there is room for "Oops!" or a short name of the site.
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
