package import Access
package import Accounts
package import Contract
import FoundationEssentials
import Metering
import Postgres

/// The routes that report an account's use and its remaining quotas.
package struct Usage: Sendable {
  private let access: Access
  private let metering: Metering
  private let meters: [Meter]

  /// - Parameter meters: the meters that are reported, in this order.
  package init(_ access: Access, meters: [Meter]) {
    self.access = access
    self.meters = meters
    metering = Metering(access.database)
  }

  /// `GET /usage`: today's meters, credits, and the month so far. Without a credential, `email` names a Free account of
  /// the client's network.
  package var current: Operation {
    access.get("/usage", .usage, email: Self.email) { call in
      let account = call.account
      let deadline = call.deadline.instant
      let credits = try access.database.transaction(by: deadline) { try Credits(of: account.id).balance(in: &$0) }
      let month = try metering.month(of: account, by: deadline)
      // With a credential, the stored address is reported; the address in the query is not verified.
      let email =
        call.caller.role == .customer
        ? try access.accounts.email(of: account, by: deadline) : try Self.email(call.request)?.address
      return Response.json(
        Answer(
          account: .init(email: email, plan: account.kind == .operator ? "operator" : account.plan.rawValue),
          meters: try quotas(call).map {
            .init(
              meter: $0.meter.name, limit: $0.limit, used: $0.used, remaining: $0.remaining, resetsAt: $0.resetsAt)
          },
          credits: .init(balance: credits.balance, held: credits.held), month: .init(month)))
    }
  }

  /// `GET /usage/history`: the last 90 days by day and operation, the newest day first.
  package var history: Operation {
    access.get("/usage/history", .usage, email: Self.email) { call in
      Response.json(["days": try metering.history(of: call.account, by: call.deadline.instant)])
    }
  }

  /// The quotas of the meters that limit the caller. A meter with the limit 0 belongs to a larger plan and is omitted.
  private func quotas(_ call: Call) throws -> [Quota] {
    try meters.compactMap { meter in
      if meter.scope == .network, call.account.kind != .free { return nil }
      let account = meter.scope == .network ? try access.networkAccount(call) : call.account
      guard let quota = try metering.quota(of: meter, for: account, by: call.deadline.instant), quota.limit > 0 else {
        return nil
      }
      return quota
    }
  }

  private static func email(_ request: Request) throws(Failure) -> Email? {
    guard let text = request.event.query("email") else { return nil }
    guard let email = Email(text) else {
      throw .invalidField("email", "email must be an address such as name@example.com")
    }
    return email
  }

  private struct Answer: Encodable {
    struct Owner: Encodable {
      let email: String?
      let plan: String
    }
    struct MeterState: Encodable {
      let meter: String
      let limit: Int
      let used: Int
      let remaining: Int
      let resetsAt: Date
    }
    struct CreditState: Encodable {
      let balance: Int
      let held: Int
    }
    struct Month: Encodable {
      let month: String
      let analyses: Int
      let documents: Int
      let credits: Int
      let modelCalls: Int
      /// In millionths of a dollar.
      let costMicros: Int

      init(_ month: Metering.Month) {
        self.month = month.name
        analyses = month.uses[Meter.analyses.name] ?? 0
        documents = month.uses.filter { $0.key.hasPrefix("documents_") }.map(\.value).reduce(0, +)
        credits = month.credits
        modelCalls = month.modelCalls
        costMicros = month.modelCost
      }
    }
    let account: Owner
    let meters: [MeterState]
    let credits: CreditState
    let month: Month
  }
}
