/// Encodes requests for and decodes responses from OpenAI's Chat Completions API
/// (platform.openai.com/docs/api-reference/chat) and compatible servers.
enum OpenAIDialect {
  static func requestBody(_ request: ModelRequest, _ endpoint: ModelEndpoint, isStream: Bool) -> ModelJSON {
    var messages: [ModelJSON] = []
    let system = ModelDialect.systemPrompt(request, endpoint)
    if !system.isEmpty { messages.append(.object(["role": "system", "content": .string(system)])) }
    for message in request.messages {
      messages.append(.object(["role": .string(message.role.rawValue), "content": .string(message.text)]))
    }
    var members: [String: ModelJSON] = [
      "model": .string(endpoint.model), "messages": .array(messages),
      endpoint.outputLimit.rawValue: .integer(request.maxOutputTokens),
    ]
    if endpoint.thinking != .always { members["temperature"] = .number(request.temperature) }
    switch endpoint.thinking {
    case .never: break
    case .byDefault: members["reasoning_effort"] = "none"
    case .always: members["reasoning_effort"] = "minimal"
    }
    if let schema = request.schema, endpoint.structure == .schema {
      let format: [String: ModelJSON] = [
        "name": .string(schema.name), "strict": .bool(true), "schema": schema.json(.strict),
      ]
      members["response_format"] = .object(["type": "json_schema", "json_schema": .object(format)])
    }
    if isStream {
      members["stream"] = .bool(true)
      members["stream_options"] = .object(["include_usage": .bool(true)])
    }
    return .object(members)
  }

  /// Parses the body of a response that is not streamed.
  static func parseAnswer(_ body: ModelJSON) throws(ModelError) -> PartialModelAnswer {
    guard let choice = body["choices"]?.array?.first, let message = choice["message"] else {
      throw .malformed("it has no choices[0].message")
    }
    var answer = PartialModelAnswer()
    parseMetadata(body, into: &answer)
    answer.text = message["content"]?.string ?? ""
    answer.stopReason = try stopReason(choice["finish_reason"])
    if isRefusal(message) { answer.stopReason = .declined }
    try answer.checkEnd(
      stopReasonField: "finish_reason",
      missingTextField: message["content"]?.string == nil ? "choices[0].message.content" : nil)
    return answer
  }

  /// Adds one event of a stream to an answer. A stream sends chunks with a `delta`, then one chunk with `usage` and no
  /// choices, then `[DONE]`.
  ///
  /// - Returns: the text that the event adds.
  static func parseEvent(
    _ event: ServerSentEventParser.Event, into answer: inout PartialModelAnswer
  ) throws(ModelError) -> String {
    if event.data == "[DONE]" {
      // Without a finish_reason the answer may be incomplete.
      guard answer.stopReason != nil else { throw .malformed("its stream ended without a finish_reason") }
      answer.isComplete = true
      return ""
    }
    let chunk = try ModelDialect.json(of: event)
    parseMetadata(chunk, into: &answer)
    // Requests ask for one choice only; ignore any other.
    guard let choice = chunk["choices"]?.array?.first, (choice["index"]?.integer ?? 0) == 0 else { return "" }
    if let delta = choice["delta"], isRefusal(delta) { answer.stopReason = .declined }
    if let reason = try stopReason(choice["finish_reason"]), answer.stopReason != .declined {
      answer.stopReason = reason
    }
    return choice["delta"]?["content"]?.string ?? ""
  }

  /// True if the message has a non-empty `refusal`. Compatible servers send an empty one with every answer.
  private static func isRefusal(_ message: ModelJSON) -> Bool { message["refusal"]?.string?.isEmpty == false }

  /// Stores the model's name and the token counts.
  private static func parseMetadata(_ body: ModelJSON, into answer: inout PartialModelAnswer) {
    if let model = body["model"]?.string { answer.model = model }
    guard let usage = body["usage"], let input = usage["prompt_tokens"]?.tokenCount else { return }
    answer.inputTokens = input
    // Some providers include reasoning tokens only in the total. They are billed too.
    let rest = usage["total_tokens"]?.tokenCount.map { $0 - input }
    answer.outputTokens =
      usage["completion_tokens"]?.tokenCount.map { max($0, rest ?? 0) } ?? rest.flatMap { $0 >= 0 ? $0 : nil }
  }

  private static func stopReason(_ value: ModelJSON?) throws(ModelError) -> ModelAnswer.StopReason? {
    guard let value else { return nil }
    switch value.string {
    case "stop", "eos": return .finished
    case "length": return .length
    // OpenRouter sends this when the provider behind it fails during the answer.
    case "error": throw .refused(status: 502, code: nil)
    // Gemini appends the name of the filter.
    case let reason? where reason.hasPrefix("content_filter"): return .declined
    default: return .unknown
    }
  }
}

extension ModelDialect {
  /// Parses the data of a stream event as JSON.
  static func json(of event: ServerSentEventParser.Event) throws(ModelError) -> ModelJSON {
    do throws(ModelJSON.Malformed) {
      return try ModelJSON(parsing: Array(event.data.utf8))
    } catch {
      throw .malformed("an event of its stream: \(error.reason)")
    }
  }
}
