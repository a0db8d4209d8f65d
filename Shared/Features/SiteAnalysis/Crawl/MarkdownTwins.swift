import Contract
import Fetch
import Web

/// Finds which pages of a site are there as Markdown, too: where they say so themselves, and else where the site keeps to a convention.
///
/// Each twin that is given was asked for, now or when its page was last read.
struct MarkdownTwins: Sendable {
  let loader: PageLoader

  /// Where the Markdown of a page is, by what sites agree on.
  enum Convention: Sendable, CaseIterable {
    /// `/a.md`, `/a.html.md`, as the format's own page has it.
    case appended
    /// `/a/index.html.md`, as the format's own page has it.
    case index
    /// `/a.md` for `/a.html`.
    case replaced
    /// `/a/index.md`.
    case plainIndex
    /// `/a.md` for `/a/`.
    case stripped

    /// nil for pages of which the convention says nothing.
    func twin(of url: NormalizedURL) -> NormalizedURL? {
      let path = url.path
      guard url.query == nil, path != "/" else { return nil }
      switch self {
      case .appended: return path.hasSuffix("/") ? nil : url.at(path: path + ".md")
      case .index: return path.hasSuffix("/") ? url.at(path: path + "index.html.md") : nil
      case .plainIndex: return path.hasSuffix("/") ? url.at(path: path + "index.md") : nil
      case .stripped: return path.hasSuffix("/") ? url.at(path: path.dropLast() + ".md") : nil
      case .replaced: return path.hasSuffix(".html") ? url.at(path: path.dropLast(5) + ".md") : nil
      }
    }
  }

  /// Pages for each convention that are asked for to learn whether the site keeps to it.
  private static let samples = 2
  /// The longest pause between requests at which a site is asked for what it does not name.
  private static let longestInterval = Duration.seconds(1)

  /// Marks, of the pages that may be linked, those whose twin is there, and those whose is not.
  func find(_ harvest: inout Crawler.Harvest) async {
    let sieve = PageSieve(harvest.pages, harvest.languages, today: harvest.today)
    let wanted = Set(sieve.kept.dropFirst().map(\.page.url))
    let pages = harvest.pages.indices.dropFirst().filter { wanted.contains(harvest.pages[$0].page.url) && !PageKind.isSystem(harvest.pages[$0].page.url) }
    let bounded = MarkdownTwins(loader: loader.limited(to: loader.deadline.remaining / 3))

    let named = pages.filter { harvest.pages[$0].page.markdownURL != nil }
    var answers = await bounded.ask(named.filter { harvest.pages[$0].page.hasMarkdown == nil }.map { harvest.pages[$0].page.markdownURL! })
    // What was there is there still, where the pages did not change; one stands for all, and if it is gone, each is asked for.
    let remembered = named.filter { harvest.pages[$0].page.hasMarkdown == true }.map { harvest.pages[$0].page.markdownURL! }
    if let first = remembered.first {
      answers.merge(await bounded.ask([first])) { $1 }
      if answers[first] != true { answers.merge(await bounded.ask(Array(remembered.dropFirst()))) { $1 } }
    }
    for index in named { if let isThere = answers[harvest.pages[index].page.markdownURL!] { harvest.pages[index].page.hasMarkdown = isThere } }
    var twins = SiteReport.Discovery.Markdown(named: named.count, byConvention: 0, there: 0)
    // A site that names its twins has no others; and what it did not have when its pages were last read, it has not.
    let others = pages.filter { harvest.pages[$0].page.markdownURL == nil }
    if named.isEmpty, !others.contains(where: { harvest.pages[$0].page.hasMarkdown == false }) {
      let guessed = await bounded.guess(others.map { harvest.pages[$0].page.url }, harvest)
      for index in others {
        guard let answer = guessed[harvest.pages[index].page.url] else { continue }
        harvest.pages[index].page.markdownURL = answer.isThere == true ? answer.twin : nil
        harvest.pages[index].page.hasMarkdown = answer.isThere
        if answer.twin != nil { twins.byConvention += 1 }
      }
    }
    twins.there = pages.count { harvest.pages[$0].page.hasMarkdown == true }
    if twins.named + twins.byConvention > 0 { harvest.discovery.markdown = twins }
  }

  // MARK: Conventions

  private typealias Guess = (twin: NormalizedURL?, isThere: Bool?)

  /// What becomes of pages that name no twin; those without a word on it could not be asked for.
  private func guess(_ urls: [NormalizedURL], _ harvest: Crawler.Harvest) async -> [NormalizedURL: Guess] {
    guard loader.pace.interval <= Self.longestInterval, !urls.isEmpty else { return [:] }
    // What the site's own llms.txt links as Markdown tells where to look.
    let recommended = Set(harvest.existing?.sections.flatMap(\.links).map(\.url).filter { $0.path.hasSuffix(".md") } ?? [])
    let samples = Convention.allCases.map { convention in
      let twins = urls.compactMap(convention.twin)
      let likely = twins.filter(recommended.contains).prefix(Self.samples)
      return likely.isEmpty ? Set([0, twins.count / 2].prefix(Self.samples)).sorted().filter { $0 < twins.count }.map { twins[$0] } : Array(likely)
    }
    let answers = await ask(samples.flatMap { $0 })
    var kept = zip(Convention.allCases, samples).filter { $1.contains { answers[$0] == true } }.map(\.0)
    // A site that has Markdown for a page that nobody made has it for every address.
    let madeUp = SoftNotFound.address(at: harvest.home.url)
    let catchAll = kept.map { ($0, $0.twin(of: madeUp) ?? $0.twin(of: madeUp.at(path: madeUp.path + "/")) ?? madeUp.at(path: madeUp.path + ".md")) }
    let made = await ask(catchAll.map(\.1))
    kept = catchAll.filter { made[$0.1] == false }.map(\.0)

    var guesses: [NormalizedURL: Guess] = [:]
    var wanted: [NormalizedURL: NormalizedURL] = [:]
    for url in urls {
      if let twin = kept.lazy.compactMap({ $0.twin(of: url) }).first { wanted[url] = twin }
      // That no convention holds is worth remembering where it was found out.
      else if samples.joined().allSatisfy({ answers[$0] != nil }) { guesses[url] = (nil, false) }
    }
    let found = await ask(urls.compactMap { wanted[$0] }.filter { answers[$0] == nil }).merging(answers) { first, _ in first }
    for (url, twin) in wanted { guesses[url] = (twin, found[twin]) }
    return guesses
  }

  // MARK: Asking

  /// Whether Markdown is at each address; nothing of those of which the site did not say, and that there was no time for.
  private func ask(_ urls: [NormalizedURL]) async -> [NormalizedURL: Bool] {
    var answers: [NormalizedURL: Bool] = [:]
    var seen: Set<NormalizedURL> = []
    let urls = urls.filter { seen.insert($0).inserted }
    await Crew.work(on: urls, width: loader.pace.interval > .zero ? 1 : Crawler.concurrency, by: loader.deadline) { await isThere($0) } done: { isThere, index in
      answers[urls[index]] = isThere
    }
    return answers
  }

  private func isThere(_ url: NormalizedURL) async -> Bool? {
    guard url.isSameSite(as: loader.scope.home), loader.robots.allows(url, agent: loader.agent) else { return false }
    guard let head = await response(FetchRequest(url.description, method: "HEAD")) else { return nil }
    switch head.status {
    case 200 where head.mediaType != "text/plain" && head.mediaType != nil: return PageLoader.isMarkdown(head, url)
    case 300..<400, 404, 410: return false
    default: break
    }
    // Its beginning tells what a header does not, and many servers know no HEAD.
    guard let beginning = await response(FetchRequest(url.description, headers: ["range": "bytes=0-1023"])) else { return nil }
    switch beginning.status {
    case 200, 206: return PageLoader.isMarkdown(beginning, url)
    case 429, 500...: return nil
    default: return false
    }
  }

  private func response(_ request: FetchRequest) async -> FetchResponse? {
    guard !loader.deadline.isPast else { return nil }
    await loader.pace.turn(by: loader.deadline)
    var request = request
    request.limits = FetchLimits(bytes: 64 << 10, duration: .seconds(10)).within(loader.deadline)
    return try? await loader.fetcher.fetch(request)
  }
}
