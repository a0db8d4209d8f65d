import FoundationEssentials
import Jobs
import Postgres
import Stripe

/// An object of Stripe's whose present state is to be fetched.
enum StripeObject: Equatable, Sendable {
  case subscription(String)
  case invoice(String)
  case invoicePayment(String)
  case session(String)
  case charge(String)
  case refund(String)
  case dispute(String)

  /// The kind of job that fetches one.
  static let jobKind = "stripe_object"

  /// What a thin event names; nil for what changes nothing here.
  init?(_ object: StripeRelatedObject) {
    // `v1.invoice` would be as good a name as `invoice`.
    switch object.type.split(separator: ".").drop(while: { $0 == "v1" }).joined(separator: ".") {
    case "subscription": self = .subscription(object.id)
    case "invoice": self = .invoice(object.id)
    case "invoice_payment": self = .invoicePayment(object.id)
    case "checkout.session": self = .session(object.id)
    case "charge": self = .charge(object.id)
    case "refund": self = .refund(object.id)
    case "dispute": self = .dispute(object.id)
    default: self.init(id: object.id)
    }
  }

  /// By the prefix that Stripe's ids have.
  init?(id: String) {
    switch id.prefix(while: { $0 != "_" }) {
    case "sub": self = .subscription(id)
    case "in": self = .invoice(id)
    case "inpay": self = .invoicePayment(id)
    case "cs": self = .session(id)
    case "ch", "py": self = .charge(id)
    case "re", "pyr": self = .refund(id)
    case "dp", "du": self = .dispute(id)
    default: return nil
    }
  }

  var id: String {
    switch self {
    case .subscription(let id), .invoice(let id), .invoicePayment(let id), .session(let id), .charge(let id),
      .refund(let id), .dispute(let id):
      id
    }
  }

  /// Queues the question.
  ///
  /// - Parameters:
  ///   - time: in seconds since 1970, when it is asked; nil for at once.
  ///   - event: which it is asked because of: a question that is just being answered may be older than that. Nil where
  ///   an answer that is too
  ///     early shows by itself.
  /// - Returns: false for what is no id: letters, digits and underscores.
  @discardableResult
  func ask(at time: Int? = nil, because event: String? = nil, in transaction: inout Transaction) -> Bool {
    guard StripeObject(id: id) == self, Self.isID(id) else { return false }
    Jobs.enqueue(
      Job(
        Self.jobKind, payload: "{\"id\":\"\(id)\"}", priority: 10,
        runAt: time.map { Date(timeIntervalSince1970: Double($0)) },
        key: [id, time.map(String.init), event].compactMap { $0 }.joined(separator: " "), maxAttempts: 12),
      in: &transaction)
    return true
  }

  /// Ids are letters, digits and underscores; anything else is not asked about.
  static func isID(_ text: String) -> Bool {
    text.utf8.allSatisfy {
      $0 == 0x5f || (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
    }
  }
}
