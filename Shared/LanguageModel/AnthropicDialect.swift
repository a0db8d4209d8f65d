/// Encodes requests for and decodes responses from Anthropic's Messages API
/// (platform.claude.com/docs/en/api/messages; "Streaming messages"; "Stop reasons and fallback").
enum AnthropicDialect {
  static func requestBody(_ request: ModelRequest, _ endpoint: ModelEndpoint, isStream: Bool) -> ModelJSON {
    let messages = request.messages.map {
      ModelJSON.object(["role": .string($0.role.rawValue), "content": .string($0.text)])
    }
    var members: [String: ModelJSON] = [
      "model": .string(endpoint.model), "max_tokens": .integer(request.maxOutputTokens), "messages": .array(messages),
    ]
    let system = ModelDialect.systemPrompt(request, endpoint)
    if !system.isEmpty { members["system"] = .string(system) }
    if endpoint.thinking != .always { members["temperature"] = .number(request.temperature) }
    if let schema = request.schema {
      switch endpoint.structure {
      case .tool:
        let tool: [String: ModelJSON] = [
          "name": .string(schema.name), "description": "Takes the answer.", "input_schema": schema.json(.all),
        ]
        members["tools"] = .array([.object(tool)])
        members["tool_choice"] = .object(["type": "tool", "name": .string(schema.name)])
      case .schema:
        members["output_config"] = .object(["format": .object(["type": "json_schema", "schema": schema.json(.strict)])])
      case .prompt: break
      }
    }
    if isStream { members["stream"] = .bool(true) }
    return .object(members)
  }

  /// Parses the body of a response that is not streamed.
  static func parseAnswer(_ body: ModelJSON) throws(ModelError) -> PartialModelAnswer {
    guard let content = body["content"]?.array else { throw .malformed("it has no content") }
    var answer = PartialModelAnswer()
    answer.model = body["model"]?.string
    parseUsage(body["usage"], into: &answer)
    answer.stopReason = stopReason(body["stop_reason"])
    // If the model called the tool, the tool's input is the answer; any text next to it is commentary.
    let input = content.first { $0["type"] == "tool_use" }?["input"]
    answer.text = input?.text ?? content.filter { $0["type"] == "text" }.compactMap { $0["text"]?.string }.joined()
    try answer.checkEnd(
      stopReasonField: "stop_reason", missingTextField: input == nil && answer.text.isEmpty ? "content" : nil)
    return answer
  }

  /// Adds one event of a stream to an answer. Unknown event types are ignored (platform.claude.com, "Versioning").
  ///
  /// - Returns: the text that the event adds.
  static func parseEvent(
    _ event: ServerSentEventParser.Event, into answer: inout PartialModelAnswer
  ) throws(ModelError) -> String {
    let value = try ModelDialect.json(of: event)
    switch value["type"]?.string {
    case "message_start":
      answer.model = value["message"]?["model"]?.string
      parseUsage(value["message"]?["usage"], into: &answer)
    case "content_block_delta":
      let delta = value["delta"]
      switch delta?["type"]?.string {
      case "text_delta": return delta?["text"]?.string ?? ""
      case "input_json_delta": return delta?["partial_json"]?.string ?? ""
      default: return ""
      }
    case "message_delta":
      if let reason = stopReason(value["delta"]?["stop_reason"]) { answer.stopReason = reason }
      parseUsage(value["usage"], into: &answer)
    case "message_stop":
      guard answer.stopReason != nil else { throw .malformed("its stream ended without a stop_reason") }
      answer.isComplete = true
    default: break
    }
    return ""
  }

  /// Stores the token counts. The counts in a `message_delta` are cumulative, so they replace earlier ones.
  private static func parseUsage(_ usage: ModelJSON?, into answer: inout PartialModelAnswer) {
    if let uncached = usage?["input_tokens"]?.tokenCount {
      // `input_tokens` excludes tokens that were written to or read from a cache.
      answer.inputTokens = ["cache_creation_input_tokens", "cache_read_input_tokens"].reduce(uncached) { sum, name in
        let (total, overflows) = sum.addingReportingOverflow(usage?[name]?.tokenCount ?? 0)
        return overflows ? .max : total
      }
    }
    if let output = usage?["output_tokens"]?.tokenCount { answer.outputTokens = output }
  }

  private static func stopReason(_ value: ModelJSON?) -> ModelAnswer.StopReason? {
    guard let value else { return nil }
    switch value.string {
    case "end_turn", "tool_use", "stop_sequence": return .finished
    case "max_tokens", "model_context_window_exceeded": return .length
    case "refusal": return .declined
    default: return .unknown
    }
  }
}
