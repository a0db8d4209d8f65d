package import Contract

/// The operator's settings for Stripe.
package struct BillingSettings: Sendable {
  /// Nil if `STRIPE_SECRET_KEY` is not set.
  package let secretKey: Secret?
  /// Whether the secret key is a live-mode key; nil if it is not set.
  package let isLive: Bool?
  package let webhookSecrets: [Secret]
  /// The id of each product's Stripe price, by product id.
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
    for (pack, price) in zip(Self.creditPacks, environment.list(Self.packsSetting)) { prices[pack.id] = price }
    self.prices = prices
  }

  private static let packsSetting = "STRIPE_LLM_TXT_CREDITS_PRICE_IDS"
  private static let creditPacks = Product.all.filter { $0.credits > 0 }

  /// The setting with the id of a product's price. All credit packs share one list, in the order of the catalog.
  static func priceSetting(of product: Product) -> String {
    product.credits > 0 ? packsSetting : "STRIPE_LLM_TXT_\(product.id.uppercased())_PRICE_ID"
  }

  /// - Throws: `unavailable` with the setting's name if the price is not set.
  func price(of product: Product) throws(Failure) -> String {
    guard let price = prices[product.id] else {
      let setting = Self.priceSetting(of: product)
      let value =
        product.credits > 0
        ? "the ids of the Stripe prices of \(Self.creditPacks.map(\.id).joined(separator: ", "))"
        : "the id of its Stripe price"
      throw Failure(
        .unavailable, "\(product.name) cannot be sold: set \(setting) to \(value)", details: ["setting": setting])
    }
    return price
  }

  /// The product that is sold at a price.
  func product(at price: String) -> Product? { Product.all.first { prices[$0.id] == price } }
}
