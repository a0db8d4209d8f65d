import Contract
import Crawling
import Fetch
import FoundationEssentials
import Web

/// The checks of an llms.txt that need the network: dead and moved links, robots.txt, pages in sitemaps that are not
/// linked, and age.
struct NetworkChecks: Sendable {
  /// The most links to check.
  static let maximumLinks = 200
  /// The time for sitemaps is the remaining time divided by this number.
  private static let sitemapShare = 3

  let file: LLMSFile
  let location: NormalizedURL?
  let probe: LinkProbe
  /// The modification date of the file, if it is known.
  let fileModified: Date?

  private(set) var issues: [Finding] = []
  private(set) var deadLinks: [ValidationReport.DeadLink] = []
  private(set) var robotsConflicts: [ValidationReport.RobotsConflict] = []
  private(set) var coverage: Coverage?
  private(set) var checked = ValidationReport.Checked()
  private(set) var isPartial = false

  init(file: LLMSFile, location: NormalizedURL?, probe: LinkProbe, fileModified: Date?) {
    self.file = file
    self.location = location
    self.probe = probe
    self.fileModified = fileModified
  }

  /// - Parameter onProgress: called with the numbers of checked and of all links.
  mutating func run(onProgress: @escaping @Sendable (Int, Int) -> Void) async {
    let listed = ListedLink.all(in: file, location: location)
    let relative = file.links.count + file.headLinks.count - listed.count
    if relative > 0 { skip(relative, .notAbsolute) }
    var seen: Set<NormalizedURL> = []
    let all = listed.map(\.url).filter { seen.insert($0).inserted }
    let urls = Array(all.prefix(Self.maximumLinks))
    if all.count > urls.count { skip(all.count - urls.count, .overLimit) }
    let outcomes = await LinkProber(probe: probe, onProgress: onProgress).probe(urls)
    for outcome in outcomes.values { count(outcome) }
    for link in listed {
      if let outcome = outcomes[link.url] { judge(link, outcome) }
    }
    await checkRobots(listed.filter { outcomes[$0.url] != nil })
    let targets = listed.map { link in
      if case .redirected(let target, _, _)? = outcomes[link.url] { target } else { link.url }
    }
    var modified: [NormalizedURL: Date] = [:]
    for (url, outcome) in outcomes { modified[url] = outcome.answer.flatMap(Self.modified) }
    await checkSitemaps(targets, &modified)
    checkAge(listed, modified)
    await checkTLS(listed, outcomes)
    await checkMarkdownVersions(listed, outcomes)
    isPartial = probe.client.deadline.isPast || checked.skipped[SkipReason.deadline.rawValue] != nil
  }

  private mutating func report(
    _ rule: Rule, _ line: Int, _ message: String, fix: String, severity: Finding.Severity? = nil
  ) {
    issues.append(Finding(severity: severity, rule: rule, line: line, message: message, fix: fix))
  }

  // MARK: Links

  private mutating func count(_ outcome: LinkProbe.Outcome) {
    if case .unchecked(let reason) = outcome { skip(1, reason) } else { checked.links += 1 }
  }

  private mutating func skip(_ links: Int, _ reason: SkipReason) {
    checked.skipped[reason.rawValue, default: 0] += links
  }

  private mutating func judge(_ link: ListedLink, _ outcome: LinkProbe.Outcome) {
    switch outcome {
    case .alive(let answer): judge(link, answer, at: link.url)
    case .redirected(let target, let isPermanent, let answer):
      judge(link, movedTo: target, isPermanent)
      judge(link, answer, at: target)
    case .dead(let reason):
      let answer: String
      if case .http(let status) = reason {
        deadLinks.append(.init(line: link.line, url: link.url, status: status, reason: nil))
        answer = "answers \(status)"
      } else {
        deadLinks.append(.init(line: link.line, url: link.url, status: nil, reason: reason.rawValue))
        answer = "does not answer (\(reason.rawValue.replacing("_", with: " ")))"
      }
      report(
        .deadLink, link.line, "\(link.url) \(answer)", fix: "link the page that replaced it, or remove the line")
    case .refused(let status):
      report(
        .refusedLink, link.line, "\(link.url) answers \(status) to a crawler, so it was not checked",
        fix: "check that readers can open it without a login")
    case .unchecked(.fetch(.timedOut)):
      report(
        .refusedLink, link.line, "\(link.url) did not answer within ten seconds", fix: "check that readers can open it")
    case .unchecked(.fetch(.forbiddenAddress)):
      guard location?.host != link.url.host, !PrivateAddress.isLoopback(link.url.host),
        PrivateAddress.reason(link.url) == nil
      else { return }
      report(
        .privateLink, link.line, "\(link.url) has a private address, or a port other than that of its scheme",
        fix: "link the public page, or remove the line")
    case .unchecked: break
    }
  }

  /// Judges the page or file that a link leads to.
  private mutating func judge(_ link: ListedLink, _ answer: LinkProbe.Answer, at url: NormalizedURL) {
    guard let page = answer.page else {
      guard let type = answer.mediaType, !Self.isReadable(type) else { return }
      report(
        .unreadableTarget, link.line, "\(url) is \(type), a type that few readers of llms.txt support",
        fix: "link a page with the same content, or one that links to the file")
      return
    }
    if page.saysNotFound {
      deadLinks.append(.init(line: link.line, url: link.url, status: 200, reason: SkipReason.softNotFound.rawValue))
      report(
        .softNotFound, link.line, "\(url) answers 200 with a page that says that nothing was found",
        fix: "link the page that replaced it, or remove the line; configure the server to answer 404")
    } else if page.isScriptShell {
      report(
        .needsJavaScript, link.line, "\(url) has no text without JavaScript",
        fix: "let the server render the text, or link a page that has it")
    } else if let original = page.original {
      report(
        .canonicalCopy, link.line, "\(url) names \(original) as its canonical URL", fix: link.corrected(url: original))
    } else if page.forbidsIndexing {
      report(
        .noindexPage, link.line, "\(url) asks not to be indexed",
        fix: "remove the line, or remove the directive from the page")
    }
  }

  private static func isReadable(_ type: String) -> Bool {
    type.hasPrefix("text/")
      || ["json", "xml", "yaml", "toml", "javascript", "octet-stream"].contains { type.contains($0) }
  }

  private mutating func judge(_ link: ListedLink, movedTo target: NormalizedURL, _ isPermanent: Bool) {
    if target == link.url.withHTTPS {
      report(
        .insecureLink, link.line, "the link uses http; the site redirects it to https", fix: link.corrected(url: target)
      )
    } else if PageAddress.isGate(target), !PageAddress.isGate(link.url) {
      report(
        .redirectedLink, link.line, "\(link.url) redirects to \(target), a page for a login or consent",
        fix: "link a page that is open to everyone, or remove the line", severity: .warning)
    } else if target.path == "/", link.url.path != "/" {
      report(
        .redirectedLink, link.line, "\(link.url) redirects to the home page, so the page seems to be gone",
        fix: "link the page that replaced it, or remove the line")
    } else {
      report(
        .redirectedLink, link.line, "\(link.url) redirects to \(target)", fix: link.corrected(url: target),
        severity: isPermanent ? .warning : .notice)
    }
  }

  // MARK: robots.txt

  private mutating func checkRobots(_ links: [ListedLink]) async {
    if let location, let rules = await probe.client.robotsFile(for: location), !rules.allows(location, agent: "*") {
      robotsConflicts.append(.init(line: 1, url: location, agent: "*"))
      report(
        .robotsConflict, 1, "robots.txt does not allow crawlers to read this file",
        fix: "allow \(location.path) in \(location.origin)/robots.txt")
    }
    for link in links {
      guard let rules = await probe.client.robotsFile(for: link.url) else { continue }
      // A rule against all crawlers is worse than a rule against this one.
      guard let agent = ["*", probe.client.agent].first(where: { !rules.allows(link.url, agent: $0) }) else { continue }
      robotsConflicts.append(.init(line: link.line, url: link.url, agent: agent))
      report(
        .robotsConflict, link.line,
        "robots.txt does not allow \(agent == "*" ? "crawlers" : agent) to read \(link.url)",
        fix: "allow it in \(link.url.origin)/robots.txt, or remove the line",
        severity: agent == "*" ? .error : .warning)
    }
  }

  // MARK: Sitemaps

  /// The site of the file: its own, or the host of more than half of its links if it was not fetched.
  private func site(_ targets: [NormalizedURL]) -> NormalizedURL? {
    if let location { return location.root }
    var counts: [NormalizedURL: Int] = [:]
    for target in targets { counts[target.root, default: 0] += 1 }
    guard let most = counts.max(by: { ($0.value, $1.key.description) < ($1.value, $0.key.description) }),
      most.value * 2 > targets.count
    else { return nil }
    return most.key
  }

  private mutating func checkSitemaps(_ targets: [NormalizedURL], _ modified: inout [NormalizedURL: Date]) async {
    let client = probe.client
    guard let site = site(targets), !client.deadline.isPast, let rules = await probe.client.robotsFile(for: site) else {
      return
    }
    let named = rules.sitemaps(of: site)
    let ofSite = await client.forSite(of: site)
    let reader = SitemapReader(client: ofSite.limited(to: client.deadline.remaining / Self.sitemapShare))
    let (entries, listing) = await reader.collect(SitemapPlaces(named: named, home: site, page: nil), of: site)
    guard !entries.isEmpty else { return }
    for entry in entries {
      if let date = entry.lastModified.flatMap(ModificationDate.w3c) { modified[entry.url] = date }
    }
    let coverage = Coverage(sitemaps: listing.sitemaps.count, entries: entries.map(\.url), links: targets, site: site)
    self.coverage = coverage
    for part in coverage.uncovered.prefix(10) {
      let isLarge = part.pages >= 5 && part.pages * 10 >= coverage.pages
      report(
        .uncoveredSection, file.sections.last?.line ?? 1,
        "no link leads to \(part.path), which has \(part.pages) of the sitemap's \(coverage.pages) pages",
        fix: LLMSLink.line(
          part.path.split(separator: "/").last.map(\.humanized) ?? "Title", site.origin + part.path, "…"),
        severity: isLarge ? .warning : .notice)
    }
  }

  // MARK: Age

  /// The modification date of a page; nil if it is the time of the request, because servers send that for generated pages.
  private static func modified(_ answer: LinkProbe.Answer) -> Date? {
    guard let date = answer.lastModified.flatMap(HTTPDate.parse) else { return nil }
    guard let now = answer.date.flatMap(HTTPDate.parse) else { return date }
    return now.timeIntervalSince(date) < 60 ? nil : date
  }

  private mutating func checkAge(_ links: [ListedLink], _ modified: [NormalizedURL: Date]) {
    guard let fileModified else { return }
    let changed = links.filter { modified[$0.url].map { $0 > fileModified } ?? false }
    guard let first = changed.first, let date = modified[first.url] else { return }
    report(
      .stale, first.line,
      "\(changed.count) of \(links.count) pages changed after the file, which was last changed on \(ModificationDate.day(fileModified)): this one on \(ModificationDate.day(date))",
      fix:
        "check the titles and descriptions; `local-runner llms \(location?.root.description ?? "URL")` writes a new file",
      severity: changed.count * 4 >= links.count ? .warning : .notice)
  }

  // MARK: Suggestions

  /// Checks whether the targets of http links also answer over https; twenty links at most.
  private mutating func checkTLS(_ links: [ListedLink], _ outcomes: [NormalizedURL: LinkProbe.Outcome]) async {
    let plain = links.filter { link in
      guard link.url.scheme == .http, !PrivateAddress.isLoopback(link.url.host), case .alive? = outcomes[link.url]
      else { return false }
      return true
    }.prefix(20)
    guard !plain.isEmpty else { return }
    let secure = await LinkProber(probe: probe, onProgress: { _, _ in }).probe(plain.map(\.url.withHTTPS))
    for link in plain {
      if case .alive? = secure[link.url.withHTTPS] {
        report(
          .insecureLink, link.line, "the link uses http; the page is available over https",
          fix: link.corrected(url: link.url.withHTTPS))
      }
    }
  }

  /// Checks with three links whether the site has Markdown versions of its pages.
  private mutating func checkMarkdownVersions(_ links: [ListedLink], _ outcomes: [NormalizedURL: LinkProbe.Outcome])
    async
  {
    guard let site = site(links.map(\.url)) else { return }
    let pages = links.filter { link in
      guard link.url.isSameSite(as: site), link.url.query == nil, case .alive(let answer)? = outcomes[link.url] else {
        return false
      }
      return answer.mediaType == "text/html" && link.url.path != "/"
    }
    guard !pages.isEmpty, !probe.client.deadline.isPast else { return }
    let sample = Set([0, pages.count / 2, pages.count - 1]).sorted().map { pages[$0] }
    // The convention of llmstxt.org: `.md` after the name of the page, or `index.html.md` in a folder.
    let versions = sample.map {
      $0.url.at(path: $0.url.path.hasSuffix("/") ? $0.url.path + "index.html.md" : $0.url.path + ".md")
    }
    let found = await LinkProber(probe: probe, onProgress: { _, _ in }).probe(versions)
    for (link, version) in zip(sample, versions) {
      guard case .alive(let answer)? = found[version],
        ["text/markdown", "text/x-markdown", "text/plain"].contains(answer.mediaType)
      else { continue }
      report(
        .markdownTwin, link.line, "the site has Markdown versions of its pages, which readers prefer",
        fix: link.corrected(url: version))
      return
    }
  }
}
