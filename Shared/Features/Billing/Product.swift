package import Accounts
import Stripe

/// A product that can be bought, such as a plan or a pack of credits.
package struct Product: Sendable, Hashable {
  /// The product's id in requests.
  package let id: String
  package let name: String
  /// The price in US cents; for a monthly plan, per month.
  package let amount: Int
  package let gives: Grant

  /// The result of a purchase.
  package enum Grant: Sendable, Hashable {
    /// A plan without an end.
    case plan(Plan)
    /// A plan that is paid by the month.
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

  /// Stripe's mode of a checkout session for the product.
  var mode: StripeCheckoutSessionRequest.Mode { if case .monthlyPlan = gives { .subscription } else { .payment } }

  var credits: Int { if case .credits(let count) = gives { count } else { 0 } }

  /// The plan of a subscription to the product; nil if it is not paid by the month.
  var subscribedPlan: Plan? { if case .monthlyPlan(let plan) = gives { plan } else { nil } }
}
