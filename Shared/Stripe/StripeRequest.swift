/// A request to Stripe's API as a value, without the key and the server.
package struct StripeRequest: Sendable, Equatable {
  package enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case delete = "DELETE"
  }

  package let method: Method
  /// The path with escaped segments, beginning with `/v1`, and the query if there is one.
  package let path: String
  /// The body of a POST; GET and DELETE have none.
  package let form: StripeForm
  /// The idempotency key of a POST. For at least 24 hours Stripe returns the first response to every request with it
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
  ///   - id: an untrusted id, which ``check(_:)`` validates.
  ///   - field: the field to expand from ids to whole objects (docs.stripe.com/api/expanding_objects).
  static func get(_ segments: String..., id: String, expanding field: String? = nil) throws(StripeError)
    -> StripeRequest
  {
    StripeRequest(.get, segments + [try check(id)], query: field.map { "?expand[]=\($0)" } ?? "")
  }

  static func delete(_ segments: String..., id: String) throws(StripeError) -> StripeRequest {
    StripeRequest(.delete, segments + [try check(id)])
  }

  /// Returns the id, or throws if it would change the request's path. Ids that Stripe creates have only letters, digits
  /// and underscores.
  static func check(_ id: String) throws(StripeError) -> String {
    guard !id.isEmpty, id != ".", id != ".." else { throw .malformed("the requested id is not valid") }
    return id
  }
}
