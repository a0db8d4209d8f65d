/// What is asked of Stripe's API, as a value: nothing here knows a key or a network.
package struct StripeRequest: Sendable, Equatable {
  package enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case delete = "DELETE"
  }

  package let method: Method
  /// From `/v1` on, its segments escaped; with a query where one was asked for.
  package let path: String
  /// The body of a POST; GET and DELETE have none.
  package let form: StripeForm
  /// Of a POST: the same key, for 24 hours at least, gets the answer that the first request got
  /// (docs.stripe.com/api/idempotent_requests).
  package let idempotencyKey: String?

  private init(
    _ method: Method, _ segments: [String], query: String = "", form: StripeForm = StripeForm(),
    idempotencyKey: String? = nil
  ) {
    self.method = method
    path = "/v1" + segments.map { "/" + StripeForm.encodeSegment($0) }.joined() + query
    self.form = form
    self.idempotencyKey = idempotencyKey
  }

  static func post(_ segments: String..., idempotencyKey: String, _ fill: (inout StripeForm) -> Void) -> StripeRequest {
    var form = StripeForm()
    fill(&form)
    return StripeRequest(.post, segments, form: form, idempotencyKey: idempotencyKey)
  }

  /// - Parameters:
  ///   - id: from outside, so that one which would make another path is none.
  ///   - field: whose objects are to come whole (docs.stripe.com/api/expanding_objects).
  static func get(_ segments: String..., id: String, expanding field: String? = nil) throws(StripeError)
    -> StripeRequest
  {
    StripeRequest(.get, segments + [try check(id)], query: field.map { "?expand[]=\($0)" } ?? "")
  }

  static func delete(_ segments: String..., id: String) throws(StripeError) -> StripeRequest {
    StripeRequest(.delete, segments + [try check(id)])
  }

  /// The id itself, unless it would make another path: those that Stripe makes are letters, digits and underscores.
  static func check(_ id: String) throws(StripeError) -> String {
    guard !id.isEmpty, id != ".", id != ".." else { throw .malformed("an id that is none was asked for") }
    return id
  }
}
