package import Contract
import Crawling
package import Fetch
package import FoundationEssentials
package import Web

/// Checks any llms.txt: its text and the targets of its links.
package struct Validator: Sendable {
  /// nil for checks without the network.
  private let fetcher: Fetcher?
  private let agent: String
  private let deadline: Deadline
  private let onProgress: @Sendable (Int, Int) -> Void

  /// - Parameters:
  ///   - fetcher: nil for checks without the network.
  ///   - agent: the product token for robots.txt.
  ///   - onProgress: called with the numbers of checked and of all links.
  package init(
    fetcher: Fetcher?, agent: String, deadline: Deadline,
    onProgress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) {
    self.fetcher = fetcher
    self.agent = agent
    self.deadline = deadline
    self.onProgress = onProgress
  }

  /// Checks the file at a URL, or the file of the site at the URL.
  ///
  /// The report has a score of 0 if the file does not exist.
  ///
  /// - Throws: `forbidden` if robots.txt does not allow the request, `upstream_failed` if the site does not answer.
  package func validate(_ url: NormalizedURL, at now: Date) async throws -> ValidationReport {
    guard let fetcher else { throw Failure(.invalidRequest, "a URL cannot be fetched offline; give a file") }
    let client = client(fetcher)
    switch try await FileLoader(client: client).load(url) {
    case .missing(let place):
      return await validateUnusualPlaces(of: place, client, now)
        ?? useless(place, .missingFile, "there is no llms.txt at \(place)", now)
    case .page(let place):
      return await validateUnusualPlaces(of: place, client, now)
        ?? useless(place, .notText, "\(place) is an HTML page, not an llms.txt", now)
    case .loaded(let loaded): return await validate(loaded, client, now)
    }
  }

  /// Checks the file at another common place if the site has none at the usual one; nil if there is none either.
  private func validateUnusualPlaces(of usual: NormalizedURL, _ client: SiteClient, _ now: Date) async
    -> ValidationReport?
  {
    guard usual == usual.at(path: "/llms.txt") else { return nil }
    for path in LLMSFilePlaces.unusual {
      guard case .loaded(let loaded)? = try? await FileLoader(client: client).load(usual.at(path: path)) else {
        continue
      }
      let finding = Finding(
        rule: .unusualPlace, line: 1, message: "the file is at \(loaded.url); clients look for it at \(usual)",
        fix: "serve it at \(usual), or redirect from there")
      return await validate(loaded, client, now, [finding])
    }
    return nil
  }

  private func validate(
    _ loaded: FileLoader.Loaded, _ client: SiteClient, _ now: Date, _ findings: [Finding] = []
  ) async -> ValidationReport {
    let file = LLMSFile(loaded.bytes)
    var issues = findings + FileRules.issues(of: file, location: loaded.url, isOnline: true)
    if let type = loaded.mediaType, !["text/plain", "text/markdown", "text/x-markdown"].contains(type) {
      issues.append(
        Finding(
          rule: .contentType, line: 1, message: "the file is served as \(type)",
          fix: "serve it as text/plain; charset=utf-8"))
    }
    if loaded.isTruncated, !issues.contains(where: { $0.rule == .tooLarge }) {
      issues.append(
        Finding(
          rule: .tooLarge, line: 1, message: "the file is longer than 1 MB",
          fix: "link only the most important pages, in fewer than 50,000 characters"))
    }
    return await finish(
      file, issues, ValidationReport(file, url: loaded.url, at: now), client, lastModified: loaded.lastModified)
  }

  /// Checks a text that is not published. Its absolute links are checked, too, if there is a fetcher.
  package func validate(_ bytes: [UInt8], at now: Date) async -> ValidationReport {
    let file = LLMSFile(bytes)
    if FileLoader.isHTML(bytes) { return useless(nil, .notText, "this is an HTML page, not an llms.txt", now) }
    let report = ValidationReport(file, url: nil, at: now)
    let issues = FileRules.issues(of: file, location: nil, isOnline: fetcher != nil)
    guard let fetcher else {
      var report = report
      let links = file.links.count + file.headLinks.count
      if links > 0 { report.checked.skipped[SkipReason.offline.rawValue] = links }
      report.settle(file, issues)
      return report
    }
    return await finish(file, issues, report, client(fetcher), lastModified: nil)
  }

  private func client(_ fetcher: Fetcher) -> SiteClient {
    let robots = RobotsCache(fetcher: fetcher, deadline: deadline)
    return SiteClient(fetcher: fetcher, robots: robots, agent: agent, deadline: deadline)
  }

  private func finish(
    _ file: LLMSFile, _ issues: [Finding], _ report: ValidationReport, _ client: SiteClient, lastModified: String?
  ) async -> ValidationReport {
    let today = SitemapDate.day(report.createdAt)
    var checks = NetworkChecks(
      file: file, location: report.url, probe: LinkProbe(client: client, today: today),
      fileModified: lastModified.flatMap(HTTPDate.parse))
    await checks.run(onProgress: onProgress)
    var report = report
    report.partial = checks.isPartial
    report.deadLinks = checks.deadLinks
    report.robotsConflicts = checks.robotsConflicts
    report.coverage = checks.coverage
    report.checked = checks.checked
    report.settle(file, issues + checks.issues)
    return report
  }

  /// A report with a single finding and a score of 0.
  private func useless(_ url: NormalizedURL?, _ rule: Rule, _ message: String, _ now: Date) -> ValidationReport {
    let file = LLMSFile([])
    var report = ValidationReport(file, url: url, at: now)
    let fix = "`local-runner llms \(url?.root.description ?? "URL")` writes one"
    report.settle(file, [Finding(rule: rule, line: 1, message: message, fix: fix)])
    report.score = 0
    report.summary.reference = nil
    return report
  }
}
