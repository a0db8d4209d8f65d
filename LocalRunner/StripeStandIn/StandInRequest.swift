import Contract
import FoundationEssentials

/// What was asked of the stand-in, whoever asked it.
struct StandInRequest: Sendable {
  let method: String
  /// The path, in pieces.
  let segments: [String]
  /// The body's fields, or those of the query, which have names such as `metadata[account]`.
  let fields: [String: String]
  /// Names in lower case.
  let headers: [String: String]
  /// Where the stand-in is reached, for the addresses of its own that it gives out.
  let origin: String

  init(method: String, target: String, headers: [String: String], body: [UInt8], origin: String) {
    let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    self.method = method
    segments = halves[0].split(separator: "/").map { $0.percentDecoded ?? String($0) }
    fields = Self.fields(halves.count > 1 ? String(halves[1]) : "").merging(
      Self.fields(String(decoding: body, as: UTF8.self))
    ) { $1 }
    self.headers = headers
    self.origin = origin
  }

  private static func fields(_ text: String) -> [String: String] {
    var fields: [String: String] = [:]
    for pair in text.split(separator: "&") {
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map { $0.replacing("+", with: " ").percentDecoded ?? "" }
      fields[halves[0]] = halves.count > 1 ? halves[1] : ""
    }
    return fields
  }

  /// What lies below a name: of `metadata`, all `metadata[…]`.
  func below(_ name: String) -> [String: String] {
    var result: [String: String] = [:]
    for (key, value) in fields where key.hasPrefix(name + "[") && key.hasSuffix("]") {
      result[String(key.dropFirst(name.count + 1).dropLast())] = value
    }
    return result
  }

  func required(_ name: String) throws(StandInRefusal) -> String {
    guard let value = fields[name], !value.isEmpty else {
      throw StandInRefusal(400, code: "parameter_missing", param: name, "Missing required param: \(name).")
    }
    return value
  }

  func integer(_ name: String) throws(StandInRefusal) -> Int? {
    guard let text = fields[name] else { return nil }
    guard let value = Int(text) else {
      throw StandInRefusal(400, code: "parameter_invalid_integer", param: name, "Invalid integer: \(text)")
    }
    return value
  }
}

/// An error as Stripe writes it (docs.stripe.com/api/errors).
struct StandInRefusal: Error {
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

  static func missing(_ kind: String, _ id: String, param: String = "id") -> StandInRefusal {
    StandInRefusal(404, code: "resource_missing", param: param, "No such \(kind): '\(id)'")
  }

  var body: JSONValue {
    var error: JSONValue = ["type": .string(type), "message": .string(message)]
    if let code { error["code"] = .string(code) }
    if let param { error["param"] = .string(param) }
    return ["error": error]
  }
}

/// What the stand-in answers.
struct StandInAnswer: Sendable {
  enum Body: Sendable {
    case json(JSONValue)
    case page(String)
  }

  var status = 200
  var headers: [String: String] = [:]
  var body: Body

  init(_ json: JSONValue) { body = .json(json) }
  init(_ refusal: StandInRefusal) { (status, body) = (refusal.status, .json(refusal.body)) }
  init(page: String) { body = .page(page) }
  init(redirect: String) { (status, headers, body) = (303, ["location": redirect], .page("")) }
}
