import Accounts
import Contract
import FoundationEssentials
import Stripe

/// What a buyer asks of `POST /checkout`.
struct CheckoutRequest: Sendable, Decodable {
  let email: Email
  let product: Product
  let successUrl: String
  let cancelUrl: String

  private enum CodingKeys: String, CodingKey { case email, product, successUrl, cancelUrl }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    email = try container.decode(Email.self, forKey: .email)
    guard let product = Product.named(try container.decode(String.self, forKey: .product)) else {
      throw Failure.invalidField(
        "product", "product must be one of \(Product.all.map(\.id).joined(separator: ", ")): GET /checkout")
    }
    self.product = product
    successUrl = try container.decode(String.self, forKey: .successUrl)
    cancelUrl = try container.decode(String.self, forKey: .cancelUrl)
  }
}

struct PortalRequest: Sendable, Decodable {
  let returnUrl: String?
}

struct ClaimRequest: Sendable, Decodable {
  let sessionId: String
  let claimToken: String
}

/// Where a buyer is sent back to: only to origins that the operator named, so that nobody is led elsewhere through us.
enum RedirectURL {
  /// - Returns: the text as it came.
  static func check(_ text: String, field: String, _ origins: [String]) throws(Failure) -> String {
    // `*` lets scripts of all origins read; it sends nobody anywhere.
    let isAllowed = origins.contains { origin in
      guard origin != "*", text.hasPrefix(origin) else { return false }
      return [nil, "/", "?", "#"].contains(text.dropFirst(origin.count).first)
    }
    guard isAllowed, text.utf8.count <= 2_000, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != 0x5c }) else {
      throw Failure.invalidField(
        field, "\(field) must begin with one of the origins in CORS_ALLOWED_ORIGINS, such as https://example.com/thanks"
      )
    }
    return text
  }
}

/// `GET /checkout`.
struct Catalog: Encodable {
  struct Item: Encodable {
    let product: String
    let name: String
    let amount: Int
    let currency: String
    /// `month`; left out for what is paid once.
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
