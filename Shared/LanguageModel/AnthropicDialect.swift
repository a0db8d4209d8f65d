/// Messages, asked and answered (platform.claude.com/docs/en/api/messages; "Streaming messages"; "Stop reasons and
/// fallback").
enum AnthropicDialect {
  static func body(_ request: ModelRequest, _ endpoint: ModelEndpoint, isStream: Bool) -> ModelJSON {
    let messages = request.messages.map {
      ModelJSON.object(["role": .string($0.role.rawValue), "content": .string($0.text)])
    }
    var members: [String: ModelJSON] = [
      "model": .string(endpoint.model), "max_tokens": .integer(request.maxOutputTokens), "messages": .array(messages),
    ]
    let system = ModelDialect.system(request, endpoint)
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

  static func read(_ body: ModelJSON) throws(ModelError) -> ModelReading {
    guard let content = body["content"]?.array else { throw .malformed("it has no content") }
    var reading = ModelReading()
    reading.model = body["model"]?.string
    read(usage: body["usage"], into: &reading)
    reading.stopReason = stopReason(body["stop_reason"])
    // What it was to say lies in the tool's input, where there is a tool; text beside that is talk.
    let input = content.first { $0["type"] == "tool_use" }?["input"]
    reading.text = input?.text ?? content.filter { $0["type"] == "text" }.compactMap { $0["text"]?.string }.joined()
    try reading.settle("stop_reason", missing: input == nil && reading.text.isEmpty ? "content" : nil)
    return reading
  }

  /// Events, of which types that are new are left (platform.claude.com, "Versioning").
  static func read(_ event: ServerSentEvents.Event, into reading: inout ModelReading) throws(ModelError) -> String {
    let value = try ModelDialect.parse(event)
    switch value["type"]?.string {
    case "message_start":
      reading.model = value["message"]?["model"]?.string
      read(usage: value["message"]?["usage"], into: &reading)
    case "content_block_delta":
      let delta = value["delta"]
      switch delta?["type"]?.string {
      case "text_delta": return delta?["text"]?.string ?? ""
      case "input_json_delta": return delta?["partial_json"]?.string ?? ""
      default: return ""
      }
    case "message_delta":
      if let reason = stopReason(value["delta"]?["stop_reason"]) { reading.stopReason = reason }
      read(usage: value["usage"], into: &reading)
    case "message_stop":
      guard reading.stopReason != nil else { throw .malformed("its stream ended without a stop_reason") }
      reading.isComplete = true
    default: break
    }
    return ""
  }

  /// Counts of a `message_delta` are of the whole so far, and replace those before.
  private static func read(usage: ModelJSON?, into reading: inout ModelReading) {
    if let fresh = usage?["input_tokens"]?.count {
      // What a cache took or gave is not among them.
      reading.inputTokens = ["cache_creation_input_tokens", "cache_read_input_tokens"].reduce(fresh) { sum, name in
        let (total, isTooMuch) = sum.addingReportingOverflow(usage?[name]?.count ?? 0)
        return isTooMuch ? .max : total
      }
    }
    if let output = usage?["output_tokens"]?.count { reading.outputTokens = output }
  }

  private static func stopReason(_ value: ModelJSON?) -> ModelAnswer.StopReason? {
    guard let value else { return nil }
    switch value.string {
    case "end_turn", "tool_use", "stop_sequence": return .finished
    case "max_tokens", "model_context_window_exceeded": return .length
    case "refusal": return .declined
    default: return .odd
    }
  }
}
