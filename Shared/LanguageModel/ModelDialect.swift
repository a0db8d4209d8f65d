import Fetch

/// The language that an endpoint speaks.
package enum ModelDialect: String, Sendable {
  /// Chat completions: OpenAI's, OpenRouter's, Gemini's compatible endpoint, vLLM, llama.cpp.
  case openAI = "openai"
  /// Messages (platform.claude.com/docs/en/api/messages).
  case anthropic

  /// The version of Anthropic's API that requests and answers are written in.
  static let anthropicVersion = "2023-06-01"

  func url(_ endpoint: ModelEndpoint) -> String {
    switch self {
    case .openAI: endpoint.base + "/chat/completions"
    case .anthropic: endpoint.base + "/messages"
    }
  }

  func headers(_ endpoint: ModelEndpoint, isStream: Bool) -> [String: String] {
    var headers = ["Content-Type": "application/json", "Accept": isStream ? "text/event-stream" : "application/json"]
    if let key = endpoint.key?.header(for: self) { headers[key.name] = key.value }
    if self == .anthropic { headers["anthropic-version"] = Self.anthropicVersion }
    return headers
  }

  func body(_ request: ModelRequest, _ endpoint: ModelEndpoint, isStream: Bool) -> ModelJSON {
    switch self {
    case .openAI: OpenAIDialect.body(request, endpoint, isStream: isStream)
    case .anthropic: AnthropicDialect.body(request, endpoint, isStream: isStream)
    }
  }

  /// Reads an answer that is there as a whole.
  func read(_ body: ModelJSON) throws(ModelError) -> ModelReading {
    switch self {
    case .openAI: try OpenAIDialect.read(body)
    case .anthropic: try AnthropicDialect.read(body)
    }
  }

  /// Reads one event of a stream into what is known of its answer.
  ///
  /// - Returns: the text that it adds.
  func read(_ event: ServerSentEvents.Event, into reading: inout ModelReading) throws(ModelError) -> String {
    switch self {
    case .openAI: try OpenAIDialect.read(event, into: &reading)
    case .anthropic: try AnthropicDialect.read(event, into: &reading)
    }
  }

  /// The system's text, with the schema where the endpoint knows no other way to be told.
  static func system(_ request: ModelRequest, _ endpoint: ModelEndpoint) -> String {
    guard let schema = request.schema, endpoint.structure == .prompt else { return request.system }
    let order =
      "Answer with one JSON object that matches this JSON Schema, and with nothing else:\n" + schema.json(.all).text
    return request.system.isEmpty ? order : request.system + "\n\n" + order
  }
}
