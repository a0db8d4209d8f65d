import Fetch

/// Parses the error bodies of all supported providers.
///
/// OpenAI, OpenRouter, llama.cpp and vLLM send `{"error":{"message","type","code"}}`, with a name or the HTTP status as
/// the code. Gemini sends the same in an array, with a name as `status`. Older vLLM omits the outer object. Anthropic
/// sends `{"type":"error","error":{"type","message"}}`.
enum ProviderErrorParser {
  /// Returns the error of a response with an error status.
  ///
  /// - Parameter key: the API key. An error name that contains it is dropped.
  static func error(in response: FetchResponse, key: ModelSecretKey?) -> ModelError {
    let body = try? ModelJSON(parsing: response.body)
    return error(in: body?.array?.first ?? body, status: response.status, key: key)
  }

  /// Returns the error in a body with status 200 or in an event of a stream, or nil if it has none.
  static func error(in value: ModelJSON, key: ModelSecretKey?) -> ModelError? {
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
    let message = (details?["message"]?.string ?? details?.string ?? "").lowercased()
    if names.contains(where: tooLongNames.contains) || status == 413 { return .tooLong }
    // vLLM, Anthropic and Gemini have no error name for this, so search the message. The message is not passed on.
    if [400, 422, 500].contains(status), tooLongPhrases.contains(where: message.contains) { return .tooLong }
    return .refused(status: status, code: name)
  }

  /// The HTTP status for an error in a stream, which has only a name.
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
  private static let tooLongPhrases = [
    "maximum context length", "prompt is too long", "exceed context limit", "exceeds the available context size",
    "input token count", "exceeds the maximum number of tokens",
  ]

  /// True for 1 to 64 letters, digits, underscores and dots, as in all error names. Other values are not passed on.
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
