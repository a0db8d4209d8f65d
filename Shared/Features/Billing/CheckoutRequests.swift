import Access
import Accounts
import Contract
import FoundationEssentials

/// The body of `POST /checkout`.
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
        "product", "product must be one of \(Product.all.map(\.id).joined(separator: ", ")); see GET /checkout")
    }
    self.product = product
    successUrl = try container.decode(String.self, forKey: .successUrl)
    cancelUrl = try container.decode(String.self, forKey: .cancelUrl)
  }
}

/// The body of `POST /checkout/portal`.
struct PortalRequest: CallerInput {
  /// The URL that the portal links back to; if it is missing, the first allowed origin.
  let returnUrl: String?
}

/// The body of `POST /checkout/claim`.
struct ClaimRequest: Sendable, Decodable {
  let sessionId: String
  let claimToken: String
}
