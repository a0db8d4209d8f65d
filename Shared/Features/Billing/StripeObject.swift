import FoundationEssentials
import Jobs
import Postgres
import Stripe

/// The id of a Stripe object whose present state can be fetched.
enum StripeObject: Equatable, Sendable {
  case subscription(String)
  case invoice(String)
  case invoicePayment(String)
  case session(String)
  case charge(String)
  case refund(String)
  case dispute(String)

  /// The kind of the job that fetches an object.
  static let jobKind: JobKind = "stripe_object"

  /// The object of a thin event; nil if objects of its type change nothing here.
  init?(_ object: StripeRelatedObject) {
    // Accept `v1.invoice` as well as `invoice`.
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

  /// Infers the type from the prefix of the id.
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

  /// Enqueues a job that fetches the object's state.
  ///
  /// - Parameters:
  ///   - time: when to fetch it, in seconds since 1970; nil for at once.
  ///   - event: the thin event that requires the job. It becomes part of the job's key, because a job that is running
  ///     already may have fetched an older state. Nil if a state that is too old throws ``FetchedTooEarly``.
  /// - Returns: false if the id is not valid.
  @discardableResult
  func enqueueRefresh(
    at time: Int? = nil, because event: String? = nil, in transaction: inout Transaction
  ) -> Bool {
    guard StripeObject(id: id) == self, Self.isID(id) else { return false }
    Jobs.enqueue(
      Job(
        Self.jobKind, payload: IDPayload.text(id), priority: 10,
        runAt: time.map { Date(timeIntervalSince1970: Double($0)) },
        key: [id, time.map(String.init), event].compactMap { $0 }.joined(separator: " "), maxAttempts: 12),
      in: &transaction)
    return true
  }

  /// Whether the text contains only characters of Stripe ids: letters, digits and underscores.
  static func isID(_ text: String) -> Bool {
    text.utf8.allSatisfy {
      $0 == 0x5f || (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
    }
  }
}
