import Accounts
import Stripe

/// The response of `GET /checkout`: all products.
struct Catalog: Encodable {
  struct Item: Encodable {
    let product: String
    let name: String
    let amount: Int
    let currency: String
    /// `month`, or nil for a single payment.
    let interval: String?
    let plan: Plan?
    let analysesPerDay: Int?
    let credits: Int?
  }
  let products: [Item]

  init() {
    products = Product.all.map { product in
      let plan: Plan? =
        switch product.gives {
        case .plan(let plan), .monthlyPlan(let plan): plan
        case .credits: nil
        }
      return Item(
        product: product.id, name: product.name, amount: product.amount, currency: Product.currency,
        interval: product.mode == .subscription ? "month" : nil, plan: plan, analysesPerDay: plan?.analysesPerDay,
        credits: product.credits > 0 ? product.credits : nil)
    }
  }
}
