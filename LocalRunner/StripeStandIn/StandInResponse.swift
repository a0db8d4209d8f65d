import JSONValues

/// A response of the stand-in.
struct StandInResponse: Sendable {
  enum Body: Sendable, Equatable {
    case json(JSONValue)
    /// An HTML page.
    case page(String)
  }

  var status = 200
  var headers: [String: String] = [:]
  var body: Body

  init(_ json: JSONValue) { body = .json(json) }
  init(_ error: StandInError) { (status, body) = (error.status, .json(error.body)) }
  init(page: String) { body = .page(page) }
  init(redirect: String) { (status, headers, body) = (303, ["location": redirect], .page("")) }
}

/// An error in the format of Stripe's API (docs.stripe.com/api/errors).
struct StandInError: Error, Equatable {
  let status: Int
  let type: String
  let code: String?
  let param: String?
  let message: String

  init(
    _ status: Int, type: String = "invalid_request_error", code: String? = nil, param: String? = nil, _ message: String
  ) {
    self.status = status
    self.type = type
    self.code = code
    self.param = param
    self.message = message
  }

  /// The error for an object that does not exist.
  static func missing(_ kind: String, _ id: String, param: String = "id") -> StandInError {
    StandInError(404, code: "resource_missing", param: param, "No such \(kind): '\(id)'")
  }

  var body: JSONValue {
    var error: JSONValue = ["type": .string(type), "message": .string(message)]
    if let code { error["code"] = .string(code) }
    if let param { error["param"] = .string(param) }
    return ["error": error]
  }
}
