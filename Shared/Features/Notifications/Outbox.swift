package import Accounts
import Contract
package import FoundationEssentials
import Jobs
package import Postgres

/// Enqueues webhook messages for the operator's endpoints, in the transaction of the change that they report. The
/// worker delivers them.
package enum Outbox {
  package enum Message: Sendable {
    case planChanged(account: UUID, plan: Plan)
    case paymentReceived(account: UUID, product: String, amount: Int, currency: String)
    /// The message does not contain the text of the document.
    case documentCreated(account: UUID, document: UUID, kind: String, analysis: UUID?, createdAt: Date)
  }

  /// The job kind of a message. The worker determines its endpoints when it takes the job.
  static let kind: JobKind = "outgoing_webhook"

  /// The delays before each retry, in seconds: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h. They are
  /// documented for users.
  static let retryDelays = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]

  package static func add(_ message: Message, in transaction: inout Transaction) throws {
    let payload = String(decoding: try JSON.encode(Body(message)), as: UTF8.self)
    Jobs.enqueue(Job(kind, payload: payload, maxAttempts: retryDelays.count + 1), in: &transaction)
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

    /// An id in lower case, as in the responses of the API.
    private static func text(_ id: UUID) -> String { id.text }

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
