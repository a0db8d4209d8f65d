import Postgres
import Stripe

/// Money of a payment that was given back, or is claimed back.
struct Reversal {
  /// The payment intent, or where there is none the charge.
  let payment: String
  let id: String
  let kind: String
  /// In the currency's smallest unit; of a charge all that was refunded of it until then.
  let amount: Int
  /// How far it is: of two reports the greater is the later.
  let rank: Int
  /// Whether the money is gone, as far as that.
  let counts: Bool

  init(of payment: String, id: String, kind: String, amount: Int, rank: Int, counts: Bool) {
    self.payment = payment
    self.id = id
    self.kind = kind
    self.amount = amount
    self.rank = rank
    self.counts = counts
  }

  /// A refund that fails gives nothing back, and never succeeds later.
  init(_ refund: StripeRefund, hasFailed: Bool = false) {
    let isOff = hasFailed || refund.status == "failed" || refund.status == "canceled"
    self.init(
      of: refund.paymentIntent ?? refund.charge ?? refund.id, id: refund.id, kind: "refund", amount: refund.amount,
      rank: isOff ? 1 : 0, counts: !isOff)
  }

  /// A dispute holds its money until it is won; an inquiry takes none.
  init(_ dispute: StripeDispute) {
    let rank =
      switch dispute.status {
      case "won": 2
      case "lost": 3
      case "needs_response", "under_review": 1
      default: 0
      }
    self.init(
      of: dispute.paymentIntent ?? dispute.charge ?? dispute.id, id: dispute.id, kind: "dispute",
      amount: dispute.amount, rank: rank,
      counts: rank == 1 || rank == 3)
  }

  /// For the log of what happened to an account.
  var description: String { "\(id), \(amount) of \(payment)\(counts ? "" : ", which takes nothing")" }

  /// - Returns: whether it says more than was known.
  func store(in transaction: inout Transaction) throws -> Bool {
    try transaction.execute(
      """
      INSERT INTO payment_reversals AS known (payment_intent, reversal_id, kind, amount, rank, counts)
      VALUES (\(payment), \(id), \(kind), \(amount), \(rank), \(counts))
      ON CONFLICT (payment_intent, reversal_id) DO UPDATE SET amount = excluded.amount, rank = excluded.rank, counts = excluded.counts
        WHERE known.rank < excluded.rank
      """) == 1
  }

  /// What was given back of a payment in all, in the currency's smallest unit.
  ///
  /// Refunds are told one by one, and on the charge in one sum from which those that failed must go; disputes come on
  /// top.
  struct Sum {
    private var refunded = 0
    private var failed = 0
    private var charge = 0
    private var disputed = 0

    mutating func add(_ kind: String, _ amount: Int, _ counts: Bool) {
      switch (kind, counts) {
      case ("refund", true): refunded += amount
      case ("refund", false): failed += amount
      case ("charge", _): charge = max(charge, amount)
      case ("dispute", true): disputed += amount
      default: break
      }
    }

    var amount: Int { max(refunded, charge - failed) + disputed }
  }
}
