import Contract
import Fetch
package import Web

extension NormalizedURL {
  /// What a page and its twin in Markdown have in common: `/a/`, `/a.html`, `/a.md`, `/a/index.html.md` are `/a`.
  package var twinIdentity: NormalizedURL {
    var path = pageIdentity.path
    for suffix in [".md", ".mdx", ".html", "/index", "/"] where path.hasSuffix(suffix) { path.removeLast(suffix.count) }
    return pageIdentity.at(path: path.isEmpty ? "/" : path)
  }
}

/// Finds which pages of a site are there as Markdown, too: where they or the site's llms.txt say so, and else where the
/// site keeps to a
/// convention; and which of the other files that its llms.txt names are there.
///
/// Each that is given was asked for, now or when its page was last read.
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

  static func isMarkdown(_ url: NormalizedURL) -> Bool { url.path.hasSuffix(".md") }

  /// The page that a file in Markdown most likely is the twin of.
  static func page(of twin: NormalizedURL) -> NormalizedURL {
    var path = twin.path.dropLast(".md".count)
    for index in ["index.html", "index"] where path.hasSuffix("/" + index) { path = path.dropLast(index.count) }
    return twin.at(path: String(path))
  }

  /// Pages for each convention that are asked for to learn whether the site keeps to it.
  private static let samples = 2
  /// The longest pause between requests at which a site is asked for what it does not name.
  private static let longestInterval = Duration.seconds(1)

  /// Marks, of the pages that may be linked, those whose twin is there, and those whose is not; and the files of the
  /// site's llms.txt.
  func find(_ harvest: inout Crawler.Harvest) async {
    let sieve = PageSieve(harvest.pages, harvest.languages, today: harvest.today)
    let wanted = Set(sieve.kept.dropFirst().map(\.page.url))
    let pages = harvest.pages.indices.dropFirst().filter {
      wanted.contains(harvest.pages[$0].page.url) && !PageKind.isSystem(harvest.pages[$0].page.url)
    }
    let bounded = MarkdownTwins(loader: loader.limited(to: loader.deadline.remaining / 3))

    var answers: Answers = [:]
    let recommended =
      harvest.existing?.sections.flatMap(\.links).map(\.url).filter {
        !Scope.looksLikePage($0) && loader.scope.contains($0)
      } ?? []
    await bounded.ask(recommended, &answers)
    harvest.existing?.files = recommended.filter { answers[$0] == true }

    let named = pages.filter { harvest.pages[$0].page.markdownURL != nil }
    await bounded.ask(
      named.filter { harvest.pages[$0].page.hasMarkdown == nil }.map { harvest.pages[$0].page.markdownURL! }, &answers)
    // What was there is there still, where the pages did not change; one stands for all, and if it is gone, each is
    // asked for.
    let remembered = named.filter { harvest.pages[$0].page.hasMarkdown == true }.map {
      harvest.pages[$0].page.markdownURL!
    }
    if let first = remembered.first {
      await bounded.ask([first], &answers)
      if answers[first] != true { await bounded.ask(remembered, &answers) }
    }
    for index in named {
      if let isThere = answers[harvest.pages[index].page.markdownURL!] {
        harvest.pages[index].page.hasMarkdown = isThere
      }
    }
    var twins = SiteReport.Discovery.Markdown(named: named.count, byConvention: 0, there: 0)
    // A site that names its twins has no others; and what it did not have when its pages were last read, it has not.
    let others = pages.filter { harvest.pages[$0].page.markdownURL == nil }
    if named.isEmpty, !others.contains(where: { harvest.pages[$0].page.hasMarkdown == false }) {
      let guessed = await bounded.guess(
        others.map { harvest.pages[$0].page.url }, Set(recommended), home: harvest.home.url, &answers)
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
  private func guess(
    _ urls: [NormalizedURL], _ recommended: Set<NormalizedURL>, home: NormalizedURL, _ answers: inout Answers
  ) async -> [NormalizedURL: Guess] {
    guard loader.pace.interval <= Self.longestInterval, !urls.isEmpty else { return [:] }
    let samples = Convention.allCases.map { convention in
      let twins = urls.compactMap(convention.twin)
      // What the site's own llms.txt links as Markdown tells where to look.
      let likely = twins.filter(recommended.contains).prefix(Self.samples)
      return likely.isEmpty
        ? Set([0, twins.count / 2].prefix(Self.samples)).sorted().filter { $0 < twins.count }.map { twins[$0] }
        : Array(likely)
    }
    await ask(samples.flatMap { $0 }, &answers)
    var kept = zip(Convention.allCases, samples).filter { $1.contains { answers[$0] == true } }.map(\.0)
    // A site that has Markdown for a page that nobody made has it for every address.
    let madeUp = SoftNotFound.address(at: home)
    let catchAll = kept.map {
      (
        $0,
        $0.twin(of: madeUp) ?? $0.twin(of: madeUp.at(path: madeUp.path + "/")) ?? madeUp.at(path: madeUp.path + ".md")
      )
    }
    await ask(catchAll.map(\.1), &answers)
    kept = catchAll.filter { answers[$0.1] == false }.map(\.0)

    var guesses: [NormalizedURL: Guess] = [:]
    var wanted: [NormalizedURL: NormalizedURL] = [:]
    for url in urls {
      if let twin = kept.lazy.compactMap({ $0.twin(of: url) }).first {
        wanted[url] = twin
      }
      // That no convention holds is worth remembering where it was found out.
      else if samples.joined().allSatisfy({ answers[$0] != nil }) {
        guesses[url] = (nil, false)
      }
    }
    await ask(urls.compactMap { wanted[$0] }, &answers)
    for (url, twin) in wanted { guesses[url] = (twin, answers[twin]) }
    return guesses
  }

  // MARK: Asking

  /// Whether addresses hold what they should; none for those of which the site did not say, and that there was no time
  /// for.
  private typealias Answers = [NormalizedURL: Bool]

  /// Asks for what has no answer yet.
  private func ask(_ urls: [NormalizedURL], _ answers: inout Answers) async {
    var seen = Set(answers.keys)
    let urls = urls.filter { seen.insert($0).inserted }
    await Crew.work(on: urls, width: loader.pace.interval > .zero ? 1 : Crawler.concurrency, by: loader.deadline) {
      await isThere($0)
    } done: { isThere, index in
      answers[urls[index]] = isThere
    }
  }

  /// - Parameter redirects: that may be followed, of a file that is no twin; a page that is no longer there often
  ///   redirects to one that is.
  private func isThere(_ url: NormalizedURL, redirects: Int = 3) async -> Bool? {
    guard url.isSameSite(as: loader.scope.home), loader.robots.allows(url, agent: loader.agent) else { return false }
    guard let head = await response(FetchRequest(url.description, method: "HEAD")) else { return nil }
    switch head.status {
    case 200 where head.mediaType != "text/plain" && head.mediaType != nil: return Self.holds(head, url)
    case 300..<400 where !Self.isMarkdown(url) && redirects > 0:
      guard let target = head.headers["location"].flatMap({ try? NormalizedURL($0, relativeTo: url) }) else {
        return false
      }
      return await isThere(target, redirects: redirects - 1)
    case 300..<400, 404, 410: return false
    default: break
    }
    // Its beginning tells what a header does not, and many servers know no HEAD.
    guard let beginning = await response(FetchRequest(url.description, headers: ["range": "bytes=0-1023"])) else {
      return nil
    }
    switch beginning.status {
    case 200, 206: return Self.holds(beginning, url)
    case 429, 500...: return nil
    default: return false
    }
  }

  /// Whether that is what its address promises, and not the page that some sites answer every address with.
  private static func holds(_ response: FetchResponse, _ url: NormalizedURL) -> Bool {
    Scope.looksLikePage(url) || isMarkdown(url) ? PageLoader.isMarkdown(response, url) : !PageLoader.isPage(response)
  }

  private func response(_ request: FetchRequest) async -> FetchResponse? {
    guard !loader.deadline.isPast else { return nil }
    await loader.pace.turn(by: loader.deadline)
    var request = request
    request.limits = FetchLimits(bytes: 64 << 10, duration: .seconds(10)).within(loader.deadline)
    return try? await loader.fetcher.fetch(request)
  }
}
