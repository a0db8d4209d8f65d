import Accounts
import Contract
import FoundationEssentials
import Jobs
import Postgres

/// What the operator's own endpoints are told, in the transaction that it happens in; the worker delivers it.
enum Outbox {
  enum Message {
    case planChanged(account: UUID, plan: Plan)
    case paymentReceived(account: UUID, product: String, amount: Int, currency: String)
  }

  /// The kind of job that delivers a message.
  static let kind = "outgoing_webhook"

  /// The documented retries after the first attempt, in seconds: 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
  static let retries = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]

  static func add(_ message: Message, in transaction: inout Transaction) throws {
    let body: Body =
      switch message {
      case .planChanged(let account, let plan):
        Body(type: "plan.changed", data: .init(account: account, plan: plan.rawValue))
      case .paymentReceived(let account, let product, let amount, let currency):
        Body(type: "payment.received", data: .init(account: account, product: product, amount: amount, currency: currency))
      }
    try Jobs.enqueue(
      Job(kind, payload: String(decoding: try JSON.encode(body), as: UTF8.self), maxAttempts: retries.count + 1), in: &transaction)
  }

  private struct Body: Encodable {
    struct Contents: Encodable {
      let account: UUID
      var plan: String?
      var product: String?
      var amount: Int?
      var currency: String?
    }
    let type: String
    var timestamp = Date()
    let data: Contents
  }
}
