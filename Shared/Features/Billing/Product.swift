package import Accounts
import Stripe

/// What is sold: the one table of it.
package struct Product: Sendable, Hashable {
  /// As requests name it.
  package let id: String
  package let name: String
  /// In cents of a dollar.
  package let amount: Int
  /// What it gives: a plan, for good or by the month, or credits.
  package let gives: Gift

  package enum Gift: Sendable, Hashable {
    case plan(Plan)
    case monthlyPlan(Plan)
    case credits(Int)
  }

  package static let currency = "usd"

  package static let all = [
    Product(id: "coffee", name: "Coffee", amount: 500, gives: .plan(.coffee)),
    Product(id: "growth", name: "Growth", amount: 1_500, gives: .monthlyPlan(.growth)),
    Product(id: "scale", name: "Scale", amount: 5_000, gives: .monthlyPlan(.scale)),
    Product(id: "credits_500", name: "500 credits", amount: 500, gives: .credits(500)),
    Product(id: "credits_2500", name: "2,500 credits", amount: 2_000, gives: .credits(2_500)),
  ]

  package static func named(_ id: String) -> Product? { all.first { $0.id == id } }

  /// As Stripe calls it.
  var mode: StripeCheckoutSessionRequest.Mode { if case .monthlyPlan = gives { .subscription } else { .payment } }

  var credits: Int { if case .credits(let count) = gives { count } else { 0 } }

  /// The plan that a subscription to it is.
  var subscribedPlan: Plan? { if case .monthlyPlan(let plan) = gives { plan } else { nil } }
}
