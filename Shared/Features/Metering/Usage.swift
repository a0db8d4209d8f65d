package import Accounts
package import Contract
import FoundationEssentials
package import Postgres

/// What an account used, and what is left.
package struct Usage: Sendable {
  private let database: Database
  private let accounts: Accounts
  private let admission: Admission

  package init(_ database: Database, tokens: TokenSettings? = nil) {
    self.database = database
    accounts = Accounts(database, tokens: tokens)
    admission = Admission(database, accounts)
  }

  /// `GET /usage`: today's meters, credits, and the month so far. Without a credential `email` names a Free
  /// account of the client's network, as ever.
  package var now: Operation {
    admission.admit(
      .usage,
      Operation("GET", "/usage") { request in
        let email = try Self.email(request)
        let account = try accounts.account(for: request, email: email)
        let deadline = request.deadline.instant
        let metering = Metering(database)
        var meters = [try metering.quota(of: .analyses, for: account, by: deadline)]
        if account.kind == .free {
          meters.append(
            try metering.quota(of: .freeAnalysesOfAddress, for: accounts.addressAccount(for: request), by: deadline))
        }
        // Told to those for whom models are asked.
        if let models = try metering.quota(of: .modelMicrodollars, for: account, by: deadline), models.limit > 0 {
          meters.append(models)
        }
        let credits = try database.transaction(by: deadline) { try Credits(of: account.id).balance(in: &$0) }
        return Response.json(
          Answer(
            account: .init(
              // With a credential nobody's word is needed.
              email: request.caller == nil ? email?.address : try accounts.email(of: account, by: deadline),
              plan: account.kind == .operator ? "operator" : account.plan.rawValue),
            meters: meters.compactMap { $0 }.map {
              .init(
                meter: $0.meter.rawValue, limit: $0.limit, used: $0.used, remaining: $0.remaining, resetsAt: $0.resetsAt
              )
            },
            credits: .init(balance: credits.balance, held: credits.held), month: try month(of: account, by: deadline)))
      })
  }

  /// `GET /usage/history`: the last 90 days, by day and operation, the newest first.
  ///
  /// Operations are meters, whatever ``Metering/count(_:_:of:at:in:)`` counts, what became of credits (`credits_usage`
  /// and its kin), and calls of
  /// language models by what they were for; `model_microdollars` is what these cost.
  package var history: Operation {
    admission.admit(
      .usage,
      Operation("GET", "/usage/history") { request in
        let account = try accounts.account(for: request, email: try Self.email(request))
        let rows = try database.rows(
          """
          SELECT to_char(day, 'YYYY-MM-DD'), meter, used FROM meter_days
          WHERE account_id = \(account.id) AND used > 0 AND day > (statement_timestamp() AT TIME ZONE 'UTC')::date - 90
          UNION ALL
          SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), 'credits_' || kind, sum(amount)::bigint FROM credit_entries
          WHERE account_id = \(account.id)
            AND created_at >= ((statement_timestamp() AT TIME ZONE 'UTC')::date - 89)::timestamp AT TIME ZONE 'UTC' GROUP BY 1, 2
          UNION ALL
          SELECT to_char(asked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), 'model_calls_' || purpose, count(*) FROM model_calls
          WHERE account_id = \(account.id)
            AND asked_at >= ((statement_timestamp() AT TIME ZONE 'UTC')::date - 89)::timestamp AT TIME ZONE 'UTC' GROUP BY 1, 2
          ORDER BY 1 DESC, 2
          """, as: String.self, String.self, Int.self, by: request.deadline.instant)
        return Response.json(["days": rows.map { Entry(day: $0.0, operation: $0.1, count: $0.2) }])
      })
  }

  /// What was done since the month began, UTC.
  private func month(of account: Account, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Answer.Month {
    let rows = try database.rows(
      """
      WITH month AS (SELECT date_trunc('month', statement_timestamp() AT TIME ZONE 'UTC') AS start)
      SELECT to_char(start, 'YYYY-MM'), meter, used FROM month LEFT JOIN (
        SELECT meter, sum(used)::bigint AS used FROM meter_days, month WHERE account_id = \(account.id) AND day >= start::date GROUP BY meter
        UNION ALL
        SELECT 'credits', -sum(amount)::bigint FROM credit_entries, month
        WHERE account_id = \(account.id) AND kind = 'usage' AND created_at >= start AT TIME ZONE 'UTC' GROUP BY kind
        UNION ALL
        SELECT told.* FROM (
          SELECT count(*) AS calls, coalesce(sum(cost_microdollars), 0)::bigint AS cost FROM model_calls, month
          WHERE account_id = \(account.id) AND asked_at >= start AT TIME ZONE 'UTC'
        ) AS models, LATERAL (VALUES ('model calls', calls), ('model cost', cost)) AS told
      ) AS uses ON true
      """, as: String.self, String?.self, Int?.self, by: deadline)
    let uses = Dictionary(rows.map { ($0.1 ?? "", $0.2 ?? 0) }) { $0 + $1 }
    let documents = uses.filter { $0.key.hasPrefix("documents_") }.map(\.value).reduce(0, +)
    return Answer.Month(
      month: rows[0].0, analyses: uses["analyses"] ?? 0, documents: documents, credits: uses["credits"] ?? 0,
      modelCalls: uses["model calls"] ?? 0, costMicros: uses["model cost"] ?? 0)
  }

  private static func email(_ request: Request) throws(Failure) -> Email? {
    guard let text = request.event.query("email") else { return nil }
    guard let email = Email(text) else {
      throw .invalidField("email", "email is not an email address such as name@example.com")
    }
    return email
  }

  private struct Entry: Encodable {
    let day: String
    let operation: String
    let count: Int
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
      /// What they cost, in millionths of a dollar.
      let costMicros: Int
    }
    let account: Owner
    let meters: [MeterState]
    let credits: CreditState
    let month: Month
  }
}
