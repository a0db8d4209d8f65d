import Contract
import Fetch
import FoundationEssentials
import Web

/// What only the network tells of an llms.txt: dead and moved links, robots.txt, the sitemaps' other pages, age.
struct NetworkChecks: Sendable {
  /// Links that are asked for.
  static let maximumLinks = 200
  /// The longest that may be spent on sitemaps, as a part of the time there is.
  private static let sitemapShare = 3

  let file: LLMSFile
  let location: NormalizedURL?
  let probe: LinkProbe
  /// When the file was last changed; nil where that is not known.
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

  mutating func run(report: @escaping @Sendable (Int, Int) -> Void) async {
    let listed = ListedLink.all(in: file, location: location)
    let relative = file.links.count + file.headLinks.count - listed.count
    if relative > 0 { checked.skipped["not_absolute"] = relative }
    var seen: Set<NormalizedURL> = []
    let all = listed.map(\.url).filter { seen.insert($0).inserted }
    let urls = Array(all.prefix(Self.maximumLinks))
    if all.count > urls.count { checked.skipped["over_limit"] = all.count - urls.count }
    let outcomes = await LinkProber(probe: probe, report: report).probe(urls)
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
    await checkTwins(listed, outcomes)
    isPartial = probe.deadline.isPast || checked.skipped["deadline"] != nil
  }

  private mutating func report(
    _ rule: Rule, _ line: Int, _ message: String, fix: String, severity: Finding.Severity? = nil
  ) {
    issues.append(Finding(severity: severity ?? rule.severity, rule: rule, line: line, message: message, fix: fix))
  }

  // MARK: Links

  private mutating func count(_ outcome: LinkProbe.Outcome) {
    if case .unknown(let reason) = outcome { checked.skipped[reason, default: 0] += 1 } else { checked.links += 1 }
  }

  private mutating func judge(_ link: ListedLink, _ outcome: LinkProbe.Outcome) {
    switch outcome {
    case .alive(let answer): judge(link, answer, at: link.url)
    case .redirected(let target, let isPermanent, let answer):
      judge(link, movedTo: target, isPermanent)
      judge(link, answer, at: target)
    case .dead(let status, let reason):
      deadLinks.append(.init(line: link.line, url: link.url, status: status, reason: status == nil ? reason : nil))
      let what = status.map { "answers \($0)" } ?? "does not answer (\(reason.replacing("_", with: " ")))"
      report(
        .deadLink, link.line, "\(link.url) \(what)", fix: "link the page that took its place, or leave the line out")
    case .refused(let status):
      report(
        .refusedLink, link.line, "\(link.url) answers \(status) to a crawler, so that it could not be checked",
        fix: "look whether readers without a login reach it")
    case .unknown("timed_out"):
      report(
        .refusedLink, link.line, "\(link.url) did not answer within ten seconds", fix: "look whether readers reach it")
    case .unknown("forbidden_address"):
      guard location?.host != link.url.host, !PrivateAddress.isLoopback(link.url.host),
        PrivateAddress.reason(link.url) == nil
      else { return }
      report(
        .privateLink, link.line, "\(link.url) has a private address, or a port that is not the web's",
        fix: "link the public page, or leave the line out")
    case .unknown: break
    }
  }

  /// What stands where the link leads.
  private mutating func judge(_ link: ListedLink, _ answer: LinkProbe.Answer, at url: NormalizedURL) {
    guard let page = answer.page else {
      guard let type = answer.mediaType, !Self.isReadable(type) else { return }
      report(
        .unreadableTarget, link.line, "\(url) is \(type), which few readers of such a file can read",
        fix: "link a page that says the same, or one that leads there")
      return
    }
    if page.saysNotFound {
      deadLinks.append(.init(line: link.line, url: link.url, status: 200, reason: "soft_404"))
      report(
        .softNotFound, link.line, "\(url) answers 200 with a page that says that nothing is there",
        fix: "link the page that took its place, or leave the line out; let the server answer 404")
    } else if page.isScriptShell {
      report(
        .needsJavaScript, link.line, "\(url) has nothing to read without JavaScript",
        fix: "let the server write the page's text, or link a page that has it")
    } else if let original = page.original {
      report(
        .canonicalCopy, link.line, "\(url) says that its original is \(original)", fix: link.corrected(url: original))
    } else if page.forbidsIndexing {
      report(
        .noindexPage, link.line, "\(url) asks not to be indexed",
        fix: "leave the line out, or take the directive off the page")
    }
  }

  private static func isReadable(_ type: String) -> Bool {
    type.hasPrefix("text/")
      || ["json", "xml", "yaml", "toml", "javascript", "octet-stream"].contains { type.contains($0) }
  }

  private mutating func judge(_ link: ListedLink, movedTo target: NormalizedURL, _ isPermanent: Bool) {
    if target == link.url.withHTTPS {
      report(
        .insecureLink, link.line, "the link is not to https, to which the site leads", fix: link.corrected(url: target))
    } else if PageKind.isGate(target), !PageKind.isGate(link.url) {
      report(
        .redirectedLink, link.line, "\(link.url) leads to \(target): who is not known there cannot read it",
        fix: "link a page that anybody can read, or leave the line out", severity: .warning)
    } else if target.path == "/", link.url.path != "/" {
      report(
        .redirectedLink, link.line, "\(link.url) leads to the front page: what it was seems gone",
        fix: "link the page that took its place, or leave the line out")
    } else {
      report(
        .redirectedLink, link.line, "\(link.url) leads to \(target)", fix: link.corrected(url: target),
        severity: isPermanent ? .warning : .notice)
    }
  }

  // MARK: robots.txt

  private mutating func checkRobots(_ links: [ListedLink]) async {
    if let location, let rules = await probe.robots.file(for: location), !rules.allows(location, agent: "*") {
      robotsConflicts.append(.init(line: 1, url: location, agent: "*"))
      report(
        .robotsConflict, 1, "robots.txt does not allow crawlers to read this very file",
        fix: "allow \(location.path) in \(location.origin)/robots.txt")
    }
    for link in links {
      guard let rules = await probe.robots.file(for: link.url) else { continue }
      // Whoever is not named is disallowed: worse than our own token alone.
      guard let agent = ["*", probe.agent].first(where: { !rules.allows(link.url, agent: $0) }) else { continue }
      robotsConflicts.append(.init(line: link.line, url: link.url, agent: agent))
      report(
        .robotsConflict, link.line,
        "robots.txt does not allow \(agent == "*" ? "crawlers" : agent) to read \(link.url)",
        fix: "allow it in \(link.url.origin)/robots.txt, or leave the line out",
        severity: agent == "*" ? .error : .warning)
    }
  }

  // MARK: Sitemaps

  /// The site that the file is of: its own place, else the host that most of its links are on.
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
    let deadline = probe.deadline
    guard let site = site(targets), !deadline.isPast, let rules = await probe.robots.file(for: site) else { return }
    let named = rules.sitemaps(of: site)
    let reader = SitemapReader(
      fetcher: probe.fetcher, robots: rules, agent: probe.agent,
      deadline: deadline.capped(at: deadline.remaining / Self.sitemapShare))
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
          part.path.split(separator: "/").last.map(Titles.humanized) ?? "Title", site.origin + part.path, "…"),
        severity: isLarge ? .warning : .notice)
    }
  }

  // MARK: Age

  /// When a page was changed; nil where the server says so of any page at any time.
  private static func modified(_ answer: LinkProbe.Answer) -> Date? {
    guard let date = answer.lastModified.flatMap(HTTPDate.read) else { return nil }
    guard let now = answer.date.flatMap(HTTPDate.read) else { return date }
    return now.timeIntervalSince(date) < 60 ? nil : date
  }

  private mutating func checkAge(_ links: [ListedLink], _ modified: [NormalizedURL: Date]) {
    guard let fileModified else { return }
    let changed = links.filter { modified[$0.url].map { $0 > fileModified } ?? false }
    guard let first = changed.first, let date = modified[first.url] else { return }
    report(
      .stale, first.line,
      "\(changed.count) of \(links.count) pages changed after the file, which is of \(ModificationDate.day(fileModified)): this one on \(ModificationDate.day(date))",
      fix:
        "look whether titles and descriptions still hold; `local-runner llms \(location?.root.description ?? "URL")` writes them anew",
      severity: changed.count * 4 >= links.count ? .warning : .notice)
  }

  // MARK: What would be better

  /// Of links over http that answer there, whether https answers, too; twenty at most.
  private mutating func checkTLS(_ links: [ListedLink], _ outcomes: [NormalizedURL: LinkProbe.Outcome]) async {
    let plain = links.filter { link in
      guard link.url.scheme == .http, !PrivateAddress.isLoopback(link.url.host), case .alive? = outcomes[link.url]
      else { return false }
      return true
    }.prefix(20)
    guard !plain.isEmpty else { return }
    let secure = await LinkProber(probe: probe, report: { _, _ in }).probe(plain.map(\.url.withHTTPS))
    for link in plain {
      if case .alive? = secure[link.url.withHTTPS] {
        report(
          .insecureLink, link.line, "the link is not to https, where the page is, too",
          fix: link.corrected(url: link.url.withHTTPS))
      }
    }
  }

  /// Whether the site has its pages as Markdown, too; three links tell.
  private mutating func checkTwins(_ links: [ListedLink], _ outcomes: [NormalizedURL: LinkProbe.Outcome]) async {
    guard let site = site(links.map(\.url)) else { return }
    let pages = links.filter { link in
      guard link.url.isSameSite(as: site), link.url.query == nil, case .alive(let answer)? = outcomes[link.url] else {
        return false
      }
      return answer.mediaType == "text/html" && link.url.path != "/"
    }
    guard !pages.isEmpty, !probe.deadline.isPast else { return }
    let sample = Set([0, pages.count / 2, pages.count - 1]).sorted().map { pages[$0] }
    // As the format's page says: `.md` after the page's own name, or `index.html.md` in a folder.
    let twins = sample.map {
      $0.url.at(path: $0.url.path.hasSuffix("/") ? $0.url.path + "index.html.md" : $0.url.path + ".md")
    }
    let found = await LinkProber(probe: probe, report: { _, _ in }).probe(twins)
    for (link, twin) in zip(sample, twins) {
      guard case .alive(let answer)? = found[twin],
        ["text/markdown", "text/x-markdown", "text/plain"].contains(answer.mediaType)
      else { continue }
      report(
        .markdownTwin, link.line, "the site has its pages as Markdown, too, which readers prefer",
        fix: link.corrected(url: twin))
      return
    }
  }
}
