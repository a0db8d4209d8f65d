import Fetch

/// The HTTP API that an endpoint implements.
package enum ModelDialect: String, Sendable {
  /// Chat Completions, used by OpenAI, OpenRouter, Gemini's compatible endpoint, vLLM and llama.cpp.
  case openAI = "openai"
  /// Messages (platform.claude.com/docs/en/api/messages).
  case anthropic

  /// The value of the `anthropic-version` header.
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

  func requestBody(_ request: ModelRequest, _ endpoint: ModelEndpoint, isStream: Bool) -> ModelJSON {
    switch self {
    case .openAI: OpenAIDialect.requestBody(request, endpoint, isStream: isStream)
    case .anthropic: AnthropicDialect.requestBody(request, endpoint, isStream: isStream)
    }
  }

  /// Parses the body of a response that is not streamed.
  func parseAnswer(_ body: ModelJSON) throws(ModelError) -> PartialModelAnswer {
    switch self {
    case .openAI: try OpenAIDialect.parseAnswer(body)
    case .anthropic: try AnthropicDialect.parseAnswer(body)
    }
  }

  /// Adds one event of a stream to an answer.
  ///
  /// - Returns: the text that the event adds.
  func parseEvent(
    _ event: ServerSentEventParser.Event, into answer: inout PartialModelAnswer
  ) throws(ModelError) -> String {
    switch self {
    case .openAI: try OpenAIDialect.parseEvent(event, into: &answer)
    case .anthropic: try AnthropicDialect.parseEvent(event, into: &answer)
    }
  }

  /// The system prompt, with the schema appended if the endpoint supports no other way to send it.
  static func systemPrompt(_ request: ModelRequest, _ endpoint: ModelEndpoint) -> String {
    guard let schema = request.schema, endpoint.structure == .prompt else { return request.system }
    let instruction =
      "Answer with one JSON object that matches this JSON Schema, and with nothing else:\n" + schema.json(.all).text
    return request.system.isEmpty ? instruction : request.system + "\n\n" + instruction
  }
}
