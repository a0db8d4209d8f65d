package import Accounts
import Contract
package import FoundationEssentials
import Jobs
package import Postgres

/// What the operator's own endpoints are told, in the transaction that it happens in; the worker delivers it.
package enum Outbox {
  package enum Message: Sendable {
    case planChanged(account: UUID, plan: Plan)
    case paymentReceived(account: UUID, product: String, amount: Int, currency: String)
    /// What was written is not told, only that it was.
    case documentCreated(account: UUID, document: UUID, kind: String, analysis: UUID?, createdAt: Date)
  }

  /// The kind of job that is one message, whoever it is for: that is settled when the worker takes it.
  static let kind = "outgoing_webhook"

  /// The documented retries after the first attempt, in seconds: 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
  static let retries = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]

  package static func add(_ message: Message, in transaction: inout Transaction) throws {
    Jobs.enqueue(
      Job(
        kind, payload: String(decoding: try JSON.encode(Body(message)), as: UTF8.self), maxAttempts: retries.count + 1),
      in: &transaction)
  }

  private struct Body: Encodable {
    struct Contents: Encodable {
      let account: String
      var plan: String?
      var product: String?
      var amount: Int?
      var currency: String?
      var document: String?
      var kind: String?
      var analysis: String?
      var createdAt: Date?
    }
    let type: String
    let timestamp = Date()
    let data: Contents

    /// As the API's answers spell ids.
    private static func text(_ id: UUID) -> String { id.uuidString.lowercased() }

    init(_ message: Message) {
      switch message {
      case .planChanged(let account, let plan):
        type = "plan.changed"
        data = Contents(account: Self.text(account), plan: plan.rawValue)
      case .paymentReceived(let account, let product, let amount, let currency):
        type = "payment.received"
        data = Contents(account: Self.text(account), product: product, amount: amount, currency: currency)
      case .documentCreated(let account, let document, let kind, let analysis, let createdAt):
        type = "document.created"
        data = Contents(
          account: Self.text(account), document: Self.text(document), kind: kind, analysis: analysis.map(Self.text),
          createdAt: createdAt)
      }
    }
  }
}
