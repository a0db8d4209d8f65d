package import Fetch
import FoundationEssentials

/// Asks Stripe, at a pinned version, again where that may help, and never twice for one thing: every request that makes something has an
/// idempotency key, the same on every retry (docs.stripe.com/api/idempotent_requests).
package struct StripeClient: Sendable {
  /// The version whose shapes are read here.
  package static let version = "2025-03-31.basil"
  package static let defaultBase = "https://api.stripe.com"

  private let fetcher: Fetcher
  private let base: String
  private let key: String
  private let admit: @Sendable () throws -> Void
  private let report: @Sendable (_ isReachable: Bool) -> Void

  /// - Parameters:
  ///   - key: the secret key; it appears in no error.
  ///   - admit: asked before every attempt; throws where none is to be made.
  ///   - report: told after every attempt whether Stripe answered as one that is well.
  package init(
    fetcher: Fetcher, base: String = defaultBase, key: String, admit: @escaping @Sendable () throws -> Void = {},
    report: @escaping @Sendable (_ isReachable: Bool) -> Void = { _ in }
  ) {
    self.fetcher = fetcher
    self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
    self.key = key
    self.admit = admit
    self.report = report
  }

  package func createCustomer(
    email: String?, metadata: [String: String], idempotencyKey: String, by deadline: ContinuousClock.Instant
  ) async throws -> String {
    let fields = (email.map { [("email", $0)] } ?? []) + Self.metadata(metadata, at: "metadata")
    return try await send("/v1/customers", fields, idempotencyKey, Identified.self, by: deadline).id
  }

  package func createCheckoutSession(
    _ request: StripeCheckoutRequest, idempotencyKey: String, by deadline: ContinuousClock.Instant
  ) async throws -> StripeHostedPage {
    try await send("/v1/checkout/sessions", request.fields, idempotencyKey, StripeHostedPage.self, by: deadline)
  }

  /// The page on which a customer changes and ends subscriptions (docs.stripe.com/api/customer_portal/sessions).
  package func createPortalSession(
    customer: String, returnURL: String, idempotencyKey: String, by deadline: ContinuousClock.Instant
  ) async throws -> StripeHostedPage {
    try await send(
      "/v1/billing_portal/sessions", [("customer", customer), ("return_url", returnURL)], idempotencyKey, StripeHostedPage.self, by: deadline)
  }

  package func subscription(_ id: String, by deadline: ContinuousClock.Instant) async throws -> StripeSubscription {
    try await send("/v1/subscriptions/\(id)", nil, nil, StripeSubscription.self, by: deadline)
  }

  package func price(_ id: String, by deadline: ContinuousClock.Instant) async throws -> StripePrice {
    try await send("/v1/prices/\(id)", nil, nil, StripePrice.self, by: deadline)
  }

  private struct Identified: Decodable { let id: String }

  static func metadata(_ values: [String: String], at name: String) -> [(name: String, value: String)] {
    values.sorted { $0.key < $1.key }.map { ("\(name)[\($0.key)]", $0.value) }
  }

  /// - Parameter fields: nil for a GET.
  private func send<Answer: Decodable>(
    _ path: String, _ fields: [(name: String, value: String)]?, _ idempotencyKey: String?, _ answer: Answer.Type,
    by deadline: ContinuousClock.Instant
  ) async throws -> Answer {
    var headers = ["authorization": "Bearer \(key)", "stripe-version": Self.version, "accept": "application/json"]
    if fields != nil { headers["content-type"] = "application/x-www-form-urlencoded" }
    if let idempotencyKey { headers["idempotency-key"] = idempotencyKey }
    var attempt = 0
    while true {
      attempt += 1
      try admit()
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { throw StripeError.timedOut }
      let request = FetchRequest(
        base + path, kind: .configured, method: fields == nil ? "GET" : "POST", headers: headers, body: fields.map(FormEncoding.encode) ?? [],
        limits: FetchLimits(bytes: 1 << 20, duration: min(left, .seconds(10)), connectDuration: min(left, .seconds(4))))
      var wait: Duration?
      var failure = StripeError.unreachable
      do {
        let response = try await fetcher.fetch(request)
        report(response.status < 500)
        if (200...299).contains(response.status) {
          guard let value = try? JSONDecoder().decode(answer, from: Data(response.body)) else { throw StripeError.malformed }
          return value
        }
        failure = Self.refusal(response)
        guard Self.isWorthRetrying(response) else { throw failure }
        wait = response.headers["retry-after"].flatMap(Int.init).map { .seconds($0) }
      } catch let error as FetchError {
        report(false)
        if error.code == .timedOut { failure = .timedOut }
      }
      // Half a second, then one, each up to doubled by chance, so that those who failed together do not come back together.
      let pause = max(wait ?? .zero, .milliseconds(500 << (attempt - 1)) * Double.random(in: 0.5...1))
      guard attempt < 3, ContinuousClock.now.advanced(by: pause) < deadline else { throw failure }
      try await Task.sleep(for: pause)
    }
  }

  /// Stripe's own word where it gives one (docs.stripe.com/error-low-level).
  private static func isWorthRetrying(_ response: FetchResponse) -> Bool {
    switch response.headers["stripe-should-retry"] {
    case "true": true
    case "false": false
    default: response.status == 409 || response.status == 429 || response.status >= 500
    }
  }

  private static func refusal(_ response: FetchResponse) -> StripeError {
    struct Body: Decodable {
      struct Inner: Decodable { let type: String?, code: String?, param: String? }
      let error: Inner
    }
    let inner = (try? JSONDecoder().decode(Body.self, from: Data(response.body)))?.error
    return .refused(status: response.status, type: inner?.type, code: inner?.code, parameter: inner?.param)
  }
}

/// A page of Stripe's on which a customer goes on.
package struct StripeHostedPage: Decodable, Sendable {
  package let id: String
  package let url: String
  /// In seconds since 1970; nil for one that does not say.
  package let expiresAt: Int?

  private enum CodingKeys: String, CodingKey {
    case id, url
    case expiresAt = "expires_at"
  }
}

/// What something costs (docs.stripe.com/api/prices/object).
package struct StripePrice: Decodable, Sendable, Equatable {
  package let id: String
  /// In the currency's smallest unit; nil where it is not one number.
  package let unitAmount: Int?
  /// Three letters of ISO 4217, lower case.
  package let currency: String
  package let isActive: Bool
  /// Nil for what is paid once.
  package let recurring: Recurring?

  package struct Recurring: Decodable, Sendable, Equatable {
    /// `day`, `week`, `month` or `year`.
    package let interval: String
  }

  private enum CodingKeys: String, CodingKey {
    case id, currency, recurring
    case unitAmount = "unit_amount"
    case isActive = "active"
  }
}
