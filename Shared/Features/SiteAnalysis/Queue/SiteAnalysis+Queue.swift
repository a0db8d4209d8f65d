import Accounts
import Contract
import FoundationEssentials
import Metering

extension SiteAnalysis {
  /// What an analysis' id leads to.
  enum Found: Sendable {
    case completed(StoredReport)
    case queued(QueuedAnalysis)

    var response: Response {
      switch self {
      case .completed(let report): .json(AnalysisAnswer(report))
      case .queued(let queued): .json(QueuedAnswer(queued))
      }
    }
  }

  /// An analysis of the account or of any Free one, whatever became of it.
  ///
  /// - Throws: `not_found` where there is none, or it is another account's.
  func find(_ id: String?, for account: Account, _ request: Request) throws -> Found {
    let deadline = request.deadline.instant
    if let id = id.flatMap(UUID.init(uuidString:)) {
      // In this order: what leaves the queue meanwhile is a report then.
      if let queued = try queue.find(id, for: account, by: deadline) { return .queued(queued) }
      if let report = try store.find(id, for: account, by: deadline) { return .completed(report) }
    }
    throw Failure(.notFound, "there is no such analysis; POST /analyze makes one")
  }

  /// A fresh report where there is one, else a place in the queue; an analysis is held for it from now on.
  ///
  /// - Parameter ticket: of an idempotency key, under which the id is kept.
  func accept(
    _ input: AnalyzeRequest, for account: Account, _ request: Request, _ ticket: IdempotencyKeys.Ticket?
  ) throws -> (Found, Quota?) {
    let input = try input.decided(for: account)
    if let (fresh, quota) = try fresh(input, for: account, request, ticket) { return (.completed(fresh), quota) }
    let (queued, quota) = try uses.promised(for: account, request) { promise in
      try queue.add(input, of: account, promise, by: request.deadline.instant) { id, transaction in
        if let ticket { try IdempotencyKeys.finish(ticket, resource: id.uuidString, in: &transaction) }
      }
    }
    return (.queued(queued), quota)
  }

  /// Does a queued analysis for the account that it belongs to; where its report is there already, gives that.
  ///
  /// - Throws: the failure of one that was given up; `not_found` where there never was one.
  func perform(queued id: UUID, _ request: Request) async throws -> StoredReport {
    let deadline = request.deadline.instant
    guard let work = try queue.begin(id, by: deadline) else { return try ended(id, request) }
    let account = try accounts.account(work.accountID, by: deadline)
    // A plan that ended meanwhile has no model any more; the analysis was promised all the same.
    let input = (try? work.request.decided(for: account)) ?? work.request
    let report = try await read(input, for: account, request)
    do {
      let stored = try store.save(report, id: id, of: account, input, by: deadline) { _, transaction in
        try queue.complete(work, in: &transaction)
      }
      // It counts as it is, should this fail.
      try? uses.settleAddress(of: work.promise, by: deadline)
      return stored
    } catch is AnalysisQueue.Ended {
      // Somebody else was at it too, and came first.
      return try ended(id, request)
    }
  }

  private func ended(_ id: UUID, _ request: Request) throws -> StoredReport {
    let deadline = request.deadline.instant
    if let queued = try queue.find(id, for: nil, by: deadline) { throw queued.refusal }
    guard let report = try store.find(id, for: nil, by: deadline) else {
      throw Failure(.notFound, "there is no such analysis in the queue")
    }
    return report
  }
}
