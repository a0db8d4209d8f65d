import Access
import Accounts
import Contract
import FoundationEssentials
import Metering

extension SiteAnalysis {
  /// An analysis found by id or options: a report, or an analysis in the queue.
  enum Found: Sendable {
    case completed(StoredReport)
    case queued(QueuedAnalysis)

    /// The response to the caller.
    ///
    /// - Parameter pendingStatus: The status if the analysis is pending or running; otherwise the status is 200.
    func work(pendingStatus: Int = 202, headers: [String: String] = [:]) throws -> Work {
      switch self {
      case .completed(let report): try .json(AnalysisAnswer(report), headers: headers)
      case .queued(let queued):
        try .json(QueuedAnswer(queued), status: queued.state == .failed ? 200 : pendingStatus, headers: headers)
      }
    }
  }

  /// Returns an analysis of the caller's account or of any Free account.
  ///
  /// - Throws: `not_found` if there is none, or if it belongs to another account.
  func find(_ id: String?, _ call: Call) throws -> Found {
    let deadline = call.deadline.instant
    if let id = id.flatMap(UUID.init(uuidString:)) {
      // Search the queue first: an analysis that is completed between the two queries is then found as a report.
      if let queued = try queue.find(id, for: call.account, by: deadline) { return .queued(queued) }
      if let report = try store.find(id, for: call.account, by: deadline) { return .completed(report) }
    }
    throw Failure(.notFound, "no analysis has this id; make one with POST /analyze")
  }

  /// Returns a fresh report if there is one. Otherwise adds an analysis to the queue and holds one use of the quota.
  func enqueue(_ input: AnalyzeRequest, _ call: Call) throws -> (Found, Quota?) {
    let input = try input.resolved(for: call.account)
    if let (fresh, quota) = try freshReport(input, call) { return (.completed(fresh), quota) }
    let (queued, quota) = try queue.uses.promised(call) { promise in
      try queue.add(input, call, promise) { id, transaction in
        if let ticket = call.ticket {
          try IdempotencyKeys.finish(ticket, resource: id.uuidString, in: &transaction)
        }
      }
    }
    return (.queued(queued), quota)
  }

  /// Performs a queued analysis for its account. If the report exists already, returns it.
  ///
  /// - Throws: The failure of an analysis that has failed; `not_found` if there is none.
  func perform(queued id: UUID, _ call: Call) async throws -> StoredReport {
    let deadline = call.deadline.instant
    guard let started = try queue.start(id, by: deadline) else { return try endedReport(id, call) }
    let account = try access.accounts.account(started.accountID, by: deadline)
    let caller = Caller(account: account, source: .operator, network: call.caller.network)
    // If the account lost its plan in the meantime, no language model is used.
    var input = (try? started.request.value.resolved(for: account)) ?? started.request.value
    input.sendsHeaders = reader.sendsHeaders
    let report = try await reader.read(input, Call(caller: caller, request: call.request))
    do {
      let stored = try store.save(report, id: id, of: account, input, by: deadline) { _, transaction in
        try queue.complete(started, in: &transaction)
      }
      // If this fails, the network's hold stays and counts as a use.
      try? queue.uses.settleNetwork(of: started.promise.value, by: deadline)
      return stored
    } catch is AnalysisQueue.AlreadyEnded {
      return try endedReport(id, call)
    }
  }

  /// Returns the report of an analysis that has ended, or throws its failure.
  private func endedReport(_ id: UUID, _ call: Call) throws -> StoredReport {
    let deadline = call.deadline.instant
    if let queued = try queue.find(id, for: nil, by: deadline) { throw queued.reportFailure }
    guard let report = try store.find(id, for: nil, by: deadline) else {
      throw Failure(.notFound, "no queued analysis has this id")
    }
    return report
  }
}
