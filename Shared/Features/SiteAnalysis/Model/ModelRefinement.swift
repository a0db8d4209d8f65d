import Contract
import Cryptography
import LanguageModel
import Models
import Postgres
import Web

/// Improves a report with a language model: the model scores pages of medium score and arranges the best pages in
/// sections.
///
/// A failure of the model never fails the analysis. The pages keep their heuristic scores and order, and
/// `metrics.model` gives the reason.
struct ModelRefinement: Sendable {
  let pool: ModelPool
  let session: ModelSession
  let answers: ModelAnswerStore
  let log: Log
  let deadline: ContinuousClock.Instant

  /// The maximum number of pages that the model scores.
  static let maximumPages = 72
  /// The minimum number of pages that the model arranges in sections.
  static let minimumArrangedPages = 8

  /// - Parameter pages: The crawled pages by URL.
  func refine(_ report: inout SiteReport, _ pages: [NormalizedURL: Page]) async {
    let about = PromptText.sanitize("\(report.site.title). \(report.site.description ?? "")", maximumBytes: 600)
    let site = about.isSuspicious ? report.url.host : about.text
    let isScored = await score(&report, pages, site: site)
    // Paid scores are kept if the arrangement fails. After a failed request, no further one is sent.
    let isArranged = session.totals.refusal == nil ? await arrange(&report, site: site) : true
    let totals = session.totals
    report.metrics.modelCalls = totals.calls
    report.metrics.costMicros = totals.costMicrodollars
    let reason = totals.refusal ?? (isScored && isArranged ? nil : ModelError.tooLong.name)
    report.metrics.model = .init(status: reason == nil ? .complete : .degraded, reason: reason)
  }

  // MARK: Scores

  /// A page that the model is asked to score.
  private struct Question: Sendable {
    /// The index of the page in the report.
    let position: Int
    let excerpt: PageExcerpt
    let digest: [UInt8]
  }

  /// Scores pages from stored answers and by new requests.
  ///
  /// - Returns: Whether every page fits in a request.
  private func score(_ report: inout SiteReport, _ pages: [NormalizedURL: Page], site: String) async -> Bool {
    var excerpts: [Int: PageExcerpt] = [:]
    for (position, entry) in report.pages.enumerated() {
      guard let page = pages[entry.url] else { continue }
      let excerpt = PageExcerpt(page, title: entry.title, description: entry.description)
      if excerpt.isSuspicious {
        report.pages[position].flagged = .promptInjection
      } else {
        excerpts[position] = excerpt
      }
    }
    let questions = Self.uncertainPages(report.pages).compactMap { position in
      excerpts[position].map { Question(position: position, excerpt: $0, digest: $0.digest) }
    }
    let stored = answers.load(
      "score", version: PageScoring.version, questions.map(\.digest), models: pool.modelNames, as: PageJudgement.self,
      log,
      by: deadline)
    for question in questions {
      if let judgement = stored[question.digest] { report.pages[question.position].apply(judgement) }
    }

    let open = questions.filter { stored[$0.digest] == nil }
    let (answered, isComplete) = await ask(open, site: site)
    for (question, judgement) in answered { report.pages[question.position].apply(judgement) }
    return isComplete
  }

  /// Returns the indexes of the pages with a score from 3 to 9 and at least 40 words.
  ///
  /// If there are more than ``maximumPages``, the scores nearest to 6 are preferred.
  private static func uncertainPages(_ entries: [SiteReport.Entry]) -> [Int] {
    let middle = 6.0
    return entries.indices.filter {
      entries[$0].level > 0 && entries[$0].flagged == nil && (3.0...9.0).contains(entries[$0].score)
        && entries[$0].words >= 40
    }
    .sorted { (abs(entries[$0].score - middle), $0) < (abs(entries[$1].score - middle), $1) }.prefix(maximumPages)
    .sorted()
  }

  /// Sends the questions in concurrent requests.
  ///
  /// - Returns: The answered questions, and whether every question fits in a request.
  private func ask(_ questions: [Question], site: String) async -> (
    answered: [(Question, PageJudgement)], isComplete: Bool
  ) {
    let overhead = ModelEstimate.tokens(in: PageScoring.system + site) + 500 + PageScoring.outputTokens(0)
    let costs = questions.map {
      ModelEstimate.tokens(in: $0.excerpt.text) + 24 + PageScoring.outputTokens(1) - PageScoring.outputTokens(0)
    }
    let split = PromptBatches.split(
      costs, overhead: overhead, limit: pool.requestTokens, maxItems: PageScoring.maximumPages)
    let answered = await withTaskGroup(of: [(Question, PageJudgement)].self) { group in
      for batch in split.batches {
        let questions = batch.map { questions[$0] }
        group.addTask { await judgements(of: questions, site: site) }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    return (answered, split.tooLarge.isEmpty)
  }

  /// Sends one request and stores its answer. Returns an empty array if the request fails.
  private func judgements(of questions: [Question], site: String) async -> [(Question, PageJudgement)] {
    let request = PageScoring.request(questions.map(\.excerpt), site: site)
    let count = questions.count
    do {
      let (answer, model) = try await session.ask(request, for: "scoring", as: PageScoring.Answer.self, by: deadline) {
        (answer) throws(ModelMismatch) in
        try PageScoring.check(answer, count: count)
      }
      let judged = Array(zip(questions, PageScoring.judgements(answer)))
      answers.save(
        "score", version: PageScoring.version, judged.map { ($0.digest, $1) }, model: model, log, by: deadline)
      return judged
    } catch {
      return []
    }
  }

  // MARK: Sections

  /// Arranges the best pages in sections, from a stored answer or by a new request.
  ///
  /// - Returns: Whether enough pages fit in a request.
  private func arrange(_ report: inout SiteReport, site: String) async -> Bool {
    let best = report.pages.indices.filter {
      let page = report.pages[$0]
      return page.level > 0 && page.score >= 4 && !page.optional && page.flagged == nil
    }.sorted { (report.pages[$1].score, $0) < (report.pages[$0].score, $1) }.prefix(Curation.maximumPages).sorted()
    guard best.count >= Self.minimumArrangedPages else { return true }
    let sanitized = Curation.lines(best.map { report.pages[$0] }).map { PromptText.sanitize($0, maximumBytes: 400) }
    let positions = zip(best, sanitized).filter { !$1.isSuspicious }.map(\.0)
    let all = sanitized.filter { !$0.isSuspicious }.map(\.text)
    let costs = all.map { ModelEstimate.tokens(in: $0) + 5 + Curation.outputTokens(1) - Curation.outputTokens(0) }
    let overhead = ModelEstimate.tokens(in: Curation.system + site) + 800 + Curation.outputTokens(0)
    // The arrangement needs a single request, so only the first batch of pages is used.
    let chosen =
      PromptBatches.split(costs, overhead: overhead, limit: pool.requestTokens, maxItems: all.count).batches.first ?? []
    let shown = chosen.count
    guard shown >= Self.minimumArrangedPages else { return all.count < Self.minimumArrangedPages }
    let lines = chosen.enumerated().map { "\($0.offset + 1). \(all[$0.element])" }

    let request = Curation.request(lines, site: site)
    let digest = Digest.sha256(Array((request.messages[0].text).utf8))
    var curation = answers.load(
      "curation", version: Curation.version, [digest], models: pool.modelNames, as: Curation.self, log, by: deadline)[
        digest]
    if curation == nil {
      do {
        let (answer, model) = try await session.ask(request, for: "curation", as: Curation.self, by: deadline) {
          (answer) throws(ModelMismatch) in
          try answer.check(count: shown)
        }
        answers.save("curation", version: Curation.version, [(digest, answer)], model: model, log, by: deadline)
        curation = answer
      } catch {
        return true
      }
    }
    // A stored answer was validated before. Check it again, so that a modified row cannot crash the analysis.
    guard let curation, (try? curation.check(count: shown)) != nil else { return true }
    let (pages, sections) = curation.applied(to: report.pages, positions: chosen.map { positions[$0] })
    report.pages = pages
    report.curated = sections
    return true
  }
}

extension SiteReport.Entry {
  /// Adjusts the score by the model's rating.
  fileprivate mutating func apply(_ judgement: PageJudgement) {
    let heuristics = score
    score = judgement.applied(to: score)
    parts?["model"] = ((score - heuristics) * 10).rounded() / 10
    scoredBy = .model
    reason = judgement.reason
  }
}
