import Contract
import Cryptography
import LanguageModel
import Metering
import Postgres
import Web

/// Lets a model judge the pages that heuristics cannot settle, and arrange those that matter.
///
/// Whatever fails leaves the report as it was, which is then less good and never wrong: `metrics.model` says why.
struct ModelReading: Sendable {
  let desk: ModelDesk
  let session: ModelSession
  let answers: ModelAnswerStore
  let log: Log
  let deadline: ContinuousClock.Instant

  /// Pages that are judged at most: of more the heuristics have to do.
  static let maximumPages = 72
  /// Fewer are not arranged.
  static let fewPages = 8

  /// - Parameter pages: what was read, by URL.
  func improve(_ report: inout SiteReport, _ pages: [NormalizedURL: Page]) async {
    let about = PromptText.fence("\(report.site.title). \(report.site.description ?? "")", maximumBytes: 600)
    let site = about.isSuspicious ? report.url.host : about.text
    let isWhole = await judge(&report, pages, site: site)
    // What is paid for is kept even where the arrangement fails; and where nobody answers, nobody is asked again.
    let isArranged = session.totals.refusal == nil ? await curate(&report, site: site) : true
    let totals = session.totals
    report.metrics.modelCalls = totals.calls
    report.metrics.costMicros = totals.costMicrodollars
    let reason = totals.refusal ?? (isWhole && isArranged ? nil : ModelError.tooLong.name)
    report.metrics.model = .init(status: reason == nil ? "complete" : "degraded", reason: reason)
  }

  // MARK: Scores

  private struct Question: Sendable {
    /// Where its entry stands in the report.
    let position: Int
    let excerpt: PageExcerpt
    let digest: [UInt8]
  }

  /// - Returns: whether every page that is to be judged fits a request.
  private func judge(_ report: inout SiteReport, _ pages: [NormalizedURL: Page], site: String) async -> Bool {
    var excerpts: [Int: PageExcerpt] = [:]
    for (position, entry) in report.pages.enumerated() {
      guard let page = pages[entry.url] else { continue }
      let excerpt = PageExcerpt(page, title: entry.title, description: entry.description)
      if excerpt.isSuspicious {
        report.pages[position].flagged = "prompt_injection"
      } else {
        excerpts[position] = excerpt
      }
    }
    let questions = Self.unsettled(report.pages).compactMap { position in
      excerpts[position].map { Question(position: position, excerpt: $0, digest: $0.digest) }
    }
    let known = answers.recall(
      "score", version: PageScoring.version, questions.map(\.digest), models: desk.models, as: PageJudgement.self, log,
      by: deadline)
    for question in questions {
      if let judgement = known[question.digest] { report.pages[question.position].take(judgement) }
    }

    let open = questions.filter { known[$0.digest] == nil }
    let (answered, isWhole) = await ask(open, site: site)
    for (question, judgement) in answered { report.pages[question.position].take(judgement) }
    return isWhole
  }

  /// The pages that are neither plainly good nor plainly out, those nearest to the line first.
  private static func unsettled(_ entries: [SiteReport.Entry]) -> [Int] {
    let line = 6.0
    return entries.indices.filter {
      entries[$0].level > 0 && entries[$0].flagged == nil && (3.0...9.0).contains(entries[$0].score)
        && entries[$0].words >= 40
    }
    .sorted { (abs(entries[$0].score - line), $0) < (abs(entries[$1].score - line), $1) }.prefix(maximumPages).sorted()
  }

  private func ask(_ questions: [Question], site: String) async -> (
    answered: [(Question, PageJudgement)], isWhole: Bool
  ) {
    let overhead = ModelEstimate.tokens(in: PageScoring.system + site) + 500 + PageScoring.outputTokens(0)
    let costs = questions.map {
      ModelEstimate.tokens(in: $0.excerpt.text) + 24 + PageScoring.outputTokens(1) - PageScoring.outputTokens(0)
    }
    let split = PromptBatches.split(
      costs, overhead: overhead, limit: desk.requestTokens, maxItems: PageScoring.maximumPages)
    let answered = await withTaskGroup(of: [(Question, PageJudgement)].self) { group in
      for batch in split.batches {
        let questions = batch.map { questions[$0] }
        group.addTask { await judgements(of: questions, site: site) }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    return (answered, split.tooLarge.isEmpty)
  }

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

  /// - Returns: whether there is room to ask.
  private func curate(_ report: inout SiteReport, site: String) async -> Bool {
    let best = report.pages.indices.filter {
      let page = report.pages[$0]
      return page.level > 0 && page.score >= 4 && !page.optional && page.flagged == nil
    }.sorted { (report.pages[$1].score, $0) < (report.pages[$0].score, $1) }.prefix(Curation.maximumPages).sorted()
    // Few pages have an order by themselves.
    guard best.count >= Self.fewPages else { return true }
    let fenced = Curation.lines(best.map { report.pages[$0] }).map { PromptText.fence($0, maximumBytes: 400) }
    let positions = zip(best, fenced).filter { !$1.isSuspicious }.map(\.0)
    let all = fenced.filter { !$0.isSuspicious }.map(\.text)
    let costs = all.map { ModelEstimate.tokens(in: $0) + 5 + Curation.outputTokens(1) - Curation.outputTokens(0) }
    let overhead = ModelEstimate.tokens(in: Curation.system + site) + 800 + Curation.outputTokens(0)
    // As many of them as one request holds.
    let chosen =
      PromptBatches.split(costs, overhead: overhead, limit: desk.requestTokens, maxItems: all.count).batches.first ?? []
    let shown = chosen.count
    guard shown >= Self.fewPages else { return all.count < Self.fewPages }
    let lines = chosen.enumerated().map { "\($0.offset + 1). \(all[$0.element])" }

    let request = Curation.request(lines, site: site)
    let digest = Digest.sha256(Array((request.messages[0].text).utf8))
    var curation = answers.recall(
      "curation", version: Curation.version, [digest], models: desk.models, as: Curation.self, log, by: deadline)[
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
    // What is recalled was checked against the same lines; a row that somebody changed must not end the analysis.
    guard let curation, (try? curation.check(count: shown)) != nil else { return true }
    let (pages, sections) = curation.applied(to: report.pages, positions: chosen.map { positions[$0] })
    report.pages = pages
    report.curated = sections
    return true
  }
}

extension SiteReport.Entry {
  fileprivate mutating func take(_ judgement: PageJudgement) {
    let heuristics = score
    score = judgement.applied(to: score)
    parts?["model"] = ((score - heuristics) * 10).rounded() / 10
    scoredBy = "model"
    reason = judgement.reason
  }
}
