import Postgres
import Stripe

/// A refund or dispute of a payment, or the refunded amount of its charge.
struct Reversal {
  /// The kind of Stripe object that reports the reversal.
  enum Kind: String, Sendable, Decodable {
    case charge, refund, dispute
  }

  /// The id of the payment intent, or of the charge if it has none.
  let payment: String
  let id: String
  let kind: Kind
  /// In the currency's smallest unit. For a charge, the sum of all refunds of it so far.
  let amount: Int
  /// The progress of the reversal: of two states, the one with the greater rank is the later.
  let rank: Int
  /// Whether the amount is currently withdrawn from the payment.
  let counts: Bool

  init(of payment: String, id: String, kind: Kind, amount: Int, rank: Int, counts: Bool) {
    self.payment = payment
    self.id = id
    self.kind = kind
    self.amount = amount
    self.rank = rank
    self.counts = counts
  }

  /// A failed or cancelled refund does not count, and never succeeds later.
  init(_ refund: StripeRefund, hasFailed: Bool = false) {
    let isFinished = hasFailed || refund.status == "failed" || refund.status == "canceled"
    self.init(
      of: refund.paymentIntent ?? refund.charge ?? refund.id, id: refund.id, kind: .refund, amount: refund.amount,
      rank: isFinished ? 1 : 0, counts: !isFinished)
  }

  /// A dispute counts until it is won; an inquiry, which is a dispute with a `warning_` status, never counts.
  init(_ dispute: StripeDispute) {
    let rank =
      switch dispute.status {
      case "won": 2
      case "lost": 3
      case "needs_response", "under_review": 1
      default: 0
      }
    self.init(
      of: dispute.paymentIntent ?? dispute.charge ?? dispute.id, id: dispute.id, kind: .dispute,
      amount: dispute.amount, rank: rank,
      counts: rank == 1 || rank == 3)
  }

  /// The details of the audit log entry.
  var description: String { "\(id), \(amount) of \(payment)\(counts ? "" : ", not withdrawn")" }

  /// Stores the reversal.
  ///
  /// - Returns: false if a state with the same or a greater rank is stored already.
  func store(in transaction: inout Transaction) throws -> Bool {
    try transaction.execute(
      """
      INSERT INTO payment_reversals AS stored (payment_intent, reversal_id, kind, amount, rank, counts)
      VALUES (\(payment), \(id), \(kind.rawValue), \(amount), \(rank), \(counts))
      ON CONFLICT (payment_intent, reversal_id) DO UPDATE
        SET amount = excluded.amount, rank = excluded.rank, counts = excluded.counts
        WHERE stored.rank < excluded.rank
      """) == 1
  }

  /// Adds up the reversals of one payment.
  ///
  /// Stripe reports each refund, and on the charge the sum of all refunds; failed refunds are subtracted from that sum.
  /// Disputed amounts are added.
  struct Sum {
    private var refunded = 0
    private var failed = 0
    private var charge = 0
    private var disputed = 0

    mutating func add(_ kind: Kind, _ amount: Int, _ counts: Bool) {
      switch (kind, counts) {
      case (.refund, true): refunded += amount
      case (.refund, false): failed += amount
      case (.charge, _): charge = max(charge, amount)
      case (.dispute, true): disputed += amount
      case (.dispute, false): break
      }
    }

    /// The withdrawn amount in the currency's smallest unit.
    var amount: Int { max(refunded, charge - failed) + disputed }
  }
}
