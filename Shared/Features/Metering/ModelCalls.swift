package import FoundationEssentials
import Postgres

/// The record of one attempt to call a language model. The prompt and the answer are not stored.
package struct ModelCall: Sendable {
  package let accountID: UUID
  /// The work that the call was for, such as `scoring`.
  package let purpose: String
  package let provider: String
  package let model: String
  /// `answered`, or the name of the error.
  package let outcome: String
  package let inputTokens: Int
  package let outputTokens: Int
  /// In millionths of a dollar.
  package let cost: Int
  package let askedAt: Date

  package init(
    accountID: UUID, purpose: String, provider: String, model: String, outcome: String, inputTokens: Int,
    outputTokens: Int, cost: Int, askedAt: Date
  ) {
    self.accountID = accountID
    self.purpose = purpose
    self.provider = provider
    self.model = model
    self.outcome = outcome
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.cost = cost
    self.askedAt = askedAt
  }
}

extension Metering {
  /// Records a model call and settles its hold with the cost of the call, in one transaction.
  ///
  /// - Parameter hold: nil if the call is free.
  package func record(_ call: ModelCall, settling hold: MeterHold?, by deadline: ContinuousClock.Instant) throws {
    try database.transaction(by: deadline) { transaction in
      if let hold { try settle(hold, used: call.cost, in: &transaction) }
      transaction.send(
        """
        INSERT INTO model_calls (
          account_id, purpose, provider, model, outcome, input_tokens, output_tokens, cost_microdollars, asked_at)
        VALUES (
          \(call.accountID), \(call.purpose), \(call.provider), \(call.model), \(call.outcome),
          \(call.inputTokens), \(call.outputTokens), \(call.cost), \(call.askedAt))
        """)
    }
  }
}
