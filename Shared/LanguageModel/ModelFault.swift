import Fetch

/// Reads what providers answer in place of an answer, each in its way.
///
/// OpenAI, OpenRouter, llama.cpp and vLLM: `{"error":{"message","type","code"}}`, the code a name or the status; Gemini
/// the same in an
/// array, with a `status` that is a name; older vLLM without the outer object; Anthropic
/// `{"type":"error","error":{"type","message"}}`.
enum ModelFault {
  static func read(_ response: FetchResponse, key: ModelSecretKey?) -> ModelError {
    let body = try? ModelJSON(parsing: response.body)
    return error(in: body?.array?.first ?? body, status: response.status, key: key)
  }

  /// The error in an answer that began well: a body with status 200, or an event of a stream.
  ///
  /// - Returns: nil where there is none.
  static func read(_ value: ModelJSON, key: ModelSecretKey?) -> ModelError? {
    guard value["error"] != nil else { return nil }
    return error(in: value, status: nil, key: key)
  }

  private static func error(in body: ModelJSON?, status: Int?, key: ModelSecretKey?) -> ModelError {
    let details = body?["error"] ?? body
    let number = details?["code"]?.integer
    let names = [details?["details"]?["error_code"], details?["code"], details?["status"], details?["type"]].compactMap
    { $0?.string }
    let name = names.first { isName($0) && key?.occurs(in: $0) != true }
    let status = status ?? number.flatMap { (400...599).contains($0) ? $0 : nil } ?? Self.status(of: name)
    let words = (details?["message"]?.string ?? details?.string ?? "").lowercased()
    if names.contains(where: tooLongNames.contains) || status == 413 { return .tooLong }
    // vLLM, Anthropic and Gemini have no name for it: their words are looked at, and left here.
    if [400, 422, 500].contains(status), tooLongWords.contains(where: words.contains) { return .tooLong }
    return .refused(status: status, code: name)
  }

  /// What an error in a stream has no status for.
  private static func status(of name: String?) -> Int {
    switch name {
    case "rate_limit_error", "rate_limit_exceeded", "RESOURCE_EXHAUSTED": 429
    case "overloaded_error": 529
    case "timeout_error": 504
    case "invalid_request_error", "INVALID_ARGUMENT": 400
    case "authentication_error": 401
    case "permission_error": 403
    case "not_found_error": 404
    default: 500
    }
  }

  private static let tooLongNames: Set<String> = [
    "context_length_exceeded", "exceed_context_size_error", "request_too_large",
  ]
  private static let tooLongWords = [
    "maximum context length", "prompt is too long", "exceed context limit", "exceeds the available context size",
    "input token count", "exceeds the maximum number of tokens",
  ]

  /// Letters, digits, underscores and dots, as all names have: whatever else comes in their place is not passed on.
  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 64
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
      }
  }
}
