/// Chat completions, asked and answered (platform.openai.com/docs/api-reference/chat).
enum OpenAIDialect {
  static func body(_ request: ModelRequest, _ endpoint: ModelEndpoint, isStream: Bool) -> ModelJSON {
    var messages: [ModelJSON] = []
    let system = ModelDialect.system(request, endpoint)
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
    case .unlessTold: members["reasoning_effort"] = "none"
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

  static func read(_ body: ModelJSON) throws(ModelError) -> ModelReading {
    guard let choice = body["choices"]?.array?.first, let message = choice["message"] else {
      throw .malformed("it has no choices[0].message")
    }
    var reading = ModelReading()
    readFrame(body, into: &reading)
    reading.text = message["content"]?.string ?? ""
    reading.stopReason = try stopReason(choice["finish_reason"])
    if isRefusal(message) { reading.stopReason = .declined }
    try reading.settle("finish_reason", missing: message["content"]?.string == nil ? "choices[0].message.content" : nil)
    return reading
  }

  /// A chunk of a stream: choices with a `delta`, one with `usage` and without choices, then `[DONE]`.
  static func read(_ event: ServerSentEvents.Event, into reading: inout ModelReading) throws(ModelError) -> String {
    if event.data == "[DONE]" {
      // Without the reason nobody knows whether it is whole.
      guard reading.stopReason != nil else { throw .malformed("its stream ended without a finish_reason") }
      reading.isComplete = true
      return ""
    }
    let chunk = try ModelDialect.parse(event)
    readFrame(chunk, into: &reading)
    // Others than the first were not asked for.
    guard let choice = chunk["choices"]?.array?.first, (choice["index"]?.integer ?? 0) == 0 else { return "" }
    if let delta = choice["delta"], isRefusal(delta) { reading.stopReason = .declined }
    if let reason = try stopReason(choice["finish_reason"]), reading.stopReason != .declined {
      reading.stopReason = reason
    }
    return choice["delta"]?["content"]?.string ?? ""
  }

  /// Servers that imitate OpenAI's send an empty one with every answer.
  private static func isRefusal(_ message: ModelJSON) -> Bool { message["refusal"]?.string?.isEmpty == false }

  private static func readFrame(_ body: ModelJSON, into reading: inout ModelReading) {
    if let model = body["model"]?.string { reading.model = model }
    guard let usage = body["usage"], let input = usage["prompt_tokens"]?.count else { return }
    reading.inputTokens = input
    // Some count what the model thought in the total only; it is paid for all the same.
    let rest = usage["total_tokens"]?.count.map { $0 - input }
    reading.outputTokens =
      usage["completion_tokens"]?.count.map { max($0, rest ?? 0) } ?? rest.flatMap { $0 >= 0 ? $0 : nil }
  }

  private static func stopReason(_ value: ModelJSON?) throws(ModelError) -> ModelAnswer.StopReason? {
    guard let value else { return nil }
    switch value.string {
    case "stop", "eos": return .finished
    case "length": return .length
    // OpenRouter's, where a provider behind it failed midway.
    case "error": throw .refused(status: 502, code: nil)
    // Gemini says in the same word which filter it was.
    case let word? where word.hasPrefix("content_filter"): return .declined
    default: return .odd
    }
  }
}

extension ModelDialect {
  /// The JSON of an event.
  static func parse(_ event: ServerSentEvents.Event) throws(ModelError) -> ModelJSON {
    do throws(ModelJSON.Malformed) {
      return try ModelJSON(parsing: Array(event.data.utf8))
    } catch {
      throw .malformed("an event of its stream: \(error.reason)")
    }
  }
}
