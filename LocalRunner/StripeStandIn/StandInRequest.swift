import Contract

/// A request to the stand-in: from a Stripe client, from a test, or from a browser.
struct StandInRequest: Sendable {
  let method: String
  /// The path, split at its slashes.
  let segments: [String]
  /// The fields of the form body and of the query, with names such as `metadata[account]`.
  let fields: [String: String]
  /// The header fields, with lower-case names.
  let headers: [String: String]
  /// The origin of the stand-in, as the client addressed it; used for URLs in responses.
  let origin: String

  init(method: String, target: String, headers: [String: String] = [:], body: [UInt8] = [], origin: String) {
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

  /// The fields of a nested object: for `metadata`, every field `metadata[…]` by the name in the brackets.
  func nested(_ name: String) -> [String: String] {
    var result: [String: String] = [:]
    for (key, value) in fields where key.hasPrefix(name + "[") && key.hasSuffix("]") {
      result[String(key.dropFirst(name.count + 1).dropLast())] = value
    }
    return result
  }

  func required(_ name: String) throws(StandInError) -> String {
    guard let value = fields[name], !value.isEmpty else {
      throw StandInError(400, code: "parameter_missing", param: name, "Missing required param: \(name).")
    }
    return value
  }

  func integer(_ name: String) throws(StandInError) -> Int? {
    guard let text = fields[name] else { return nil }
    guard let value = Int(text) else {
      throw StandInError(400, code: "parameter_invalid_integer", param: name, "Invalid integer: \(text)")
    }
    return value
  }
}
