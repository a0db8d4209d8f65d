package import Contract
package import Fetch
package import FoundationEssentials
package import Web

/// Judges an llms.txt, ours or anybody's: its text, and what its links lead to.
package struct Validator: Sendable {
  /// nil where nothing may be asked.
  private let fetcher: Fetcher?
  private let agent: String
  private let deadline: Deadline
  private let report: @Sendable (Int, Int) -> Void

  /// - Parameters:
  ///   - agent: the token under which robots.txt is read.
  ///   - report: told how many links were asked for, of how many.
  package init(
    fetcher: Fetcher?, agent: String, deadline: Deadline, report: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) {
    self.fetcher = fetcher
    self.agent = agent
    self.deadline = deadline
    self.report = report
  }

  /// The file at a URL, or of a site.
  ///
  /// - Throws: `forbidden` where it may not be read, `upstream_failed` where the site does not answer. That there is no
  ///   file
  ///   is no failure, but a report with a score of 0.
  package func validate(_ url: NormalizedURL, at now: Date) async throws -> ValidationReport {
    guard let fetcher else { throw Failure(.invalidRequest, "a URL cannot be read offline; give a file") }
    let robots = RobotsCache(fetcher: fetcher, deadline: deadline)
    switch try await FileLoader(fetcher: fetcher, robots: robots, agent: agent, deadline: deadline).load(url) {
    case .missing(let place):
      return useless(place, .missingFile, "there is no llms.txt at \(place)", now)
    case .page(let place):
      return useless(place, .notText, "\(place) answers with a page of HTML, not with an llms.txt", now)
    case .loaded(let loaded):
      let file = LLMSFile(loaded.bytes)
      var issues = FileRules.issues(of: file, location: loaded.url, isOnline: true)
      if let type = loaded.mediaType, !["text/plain", "text/markdown", "text/x-markdown"].contains(type) {
        issues.append(
          Finding(
            severity: .warning, rule: .contentType, line: 1, message: "the file is served as \(type)",
            fix: "serve it as text/plain; charset=utf-8"))
      }
      if loaded.isTruncated, !issues.contains(where: { $0.rule == .tooLarge }) {
        issues.append(
          Finding(
            severity: .error, rule: .tooLarge, line: 1, message: "the file is longer than 1 MB",
            fix: "keep the hubs, under 50,000 characters"))
      }
      return await finish(
        file, issues, ValidationReport(file, url: loaded.url, at: now), fetcher, robots,
        lastModified: loaded.lastModified)
    }
  }

  /// A text that stands nowhere yet; what its absolute links lead to is asked unless this is offline.
  package func validate(_ bytes: [UInt8], at now: Date) async -> ValidationReport {
    let file = LLMSFile(bytes)
    if FileLoader.isHTML(bytes) { return useless(nil, .notText, "this is a page of HTML, not an llms.txt", now) }
    let report = ValidationReport(file, url: nil, at: now)
    let issues = FileRules.issues(of: file, location: nil, isOnline: fetcher != nil)
    guard let fetcher else {
      var report = report
      let links = file.links.count + file.headLinks.count
      if links > 0 { report.checked.skipped["offline"] = links }
      report.settle(file, issues)
      return report
    }
    return await finish(
      file, issues, report, fetcher, RobotsCache(fetcher: fetcher, deadline: deadline), lastModified: nil)
  }

  private func finish(
    _ file: LLMSFile, _ issues: [Finding], _ report: ValidationReport, _ fetcher: Fetcher, _ robots: RobotsCache,
    lastModified: String?
  ) async -> ValidationReport {
    let today = SitemapDate.day(ModificationDate.day(report.createdAt))
    let probe = LinkProbe(fetcher: fetcher, robots: robots, agent: agent, deadline: deadline, today: today)
    var checks = NetworkChecks(
      file: file, location: report.url, probe: probe, fileModified: lastModified.flatMap(HTTPDate.read))
    await checks.run(report: self.report)
    var report = report
    report.partial = checks.isPartial
    report.deadLinks = checks.deadLinks
    report.robotsConflicts = checks.robotsConflicts
    report.coverage = checks.coverage
    report.checked = checks.checked
    report.settle(file, issues + checks.issues)
    return report
  }

  /// A report of nothing that could be judged.
  private func useless(_ url: NormalizedURL?, _ rule: Rule, _ message: String, _ now: Date) -> ValidationReport {
    let file = LLMSFile([])
    var report = ValidationReport(file, url: url, at: now)
    let fix = "`local-runner llms \(url?.root.description ?? "URL")` writes one"
    report.settle(file, [Finding(severity: .error, rule: rule, line: 1, message: message, fix: fix)])
    report.score = 0
    report.summary.reference = nil
    return report
  }
}
