package import Contract

/// What the operator says about Stripe.
package struct BillingSettings: Sendable {
  /// Nil where it is not set.
  package let secretKey: Secret?
  /// Whether real money moves; nil where no secret key tells.
  package let isLive: Bool?
  package let webhookSecrets: [Secret]
  /// By product.
  let prices: [String: String]

  package init(_ environment: Environment) {
    let key = environment["STRIPE_SECRET_KEY"]
    secretKey = key.map(Secret.init)
    // Standard and restricted keys (docs.stripe.com/keys).
    isLive = key.map { $0.hasPrefix("sk_live_") || $0.hasPrefix("rk_live_") }
    webhookSecrets = environment.list("STRIPE_WEBHOOK_SECRET").map(Secret.init)
    var prices: [String: String] = [:]
    for product in Product.all where product.credits == 0 {
      prices[product.id] = environment[Self.priceSetting(of: product)]
    }
    let packs = Product.all.filter { $0.credits > 0 }
    for (pack, price) in zip(packs, environment.list(Self.packsSetting)) { prices[pack.id] = price }
    self.prices = prices
  }

  private static let packsSetting = "STRIPE_LLM_TXT_CREDITS_PRICE_IDS"

  /// Where the price's id of a product stands; those of the credit packs in one list, in the order of the catalog.
  static func priceSetting(of product: Product) -> String {
    product.credits > 0 ? packsSetting : "STRIPE_LLM_TXT_\(product.id.uppercased())_PRICE_ID"
  }

  /// - Throws: `unavailable`, naming the setting.
  func price(of product: Product) throws(Failure) -> String {
    guard let price = prices[product.id] else {
      let setting = Self.priceSetting(of: product)
      throw Failure(
        .unavailable,
        "\(product.name) cannot be sold: \(setting) does not name its price\(product.credits > 0 ? " (a list, \(Product.all.filter { $0.credits > 0 }.map(\.id).joined(separator: ", ")))" : "")",
        details: ["setting": setting])
    }
    return price
  }

  /// The product that is sold at a price.
  func product(at price: String) -> Product? { Product.all.first { prices[$0.id] == price } }
}
