import Fetch
import LanguageModel
import Testing

/// The exact HTTP requests for each dialect, and the validation of endpoints.
struct ModelRequestTests {
  private func text(_ endpoint: ModelEndpoint, _ request: ModelRequest = Sample.question, isStream: Bool = false)
    async throws -> String
  {
    let model = ScriptedModel(.failure(.tls))
    let client = try model.client(endpoint)
    if isStream {
      _ = try? await client.stream(request, by: .soon) { _ in true }
    } else {
      _ = try? await client.answer(request, by: .soon)
    }
    return model.text
  }

  private func head(_ url: String, accept: String = "application/json") -> String {
    "POST \(url)\nAccept: \(accept)\nAuthorization: Bearer …\nContent-Type: application/json\n\n"
  }

  private var structured: ModelRequest {
    var request = Sample.question
    request.schema = Sample.schema
    return request
  }

  private static let messages =
    #""messages":[{"content":"Be brief.","role":"system"},{"content":"Say \"hällo\"/\n","role":"user"}],"model":"gpt-test""#
  private static let strict =
    #"{"additionalProperties":false,"properties":{"isGood":{"type":"boolean"},"pages":{"items":{"additionalProperties":false,"properties":{"kind":{"enum":["guide","other"],"type":"string"},"score":{"type":"integer"}},"required":["score","kind"],"type":"object"},"type":"array"},"share":{"type":"number"},"summary":{"type":"string"}},"required":["pages","summary","share","isGood"],"type":"object"}"#
  private static let whole =
    #"{"additionalProperties":false,"properties":{"isGood":{"type":"boolean"},"pages":{"items":{"additionalProperties":false,"properties":{"kind":{"enum":["guide","other"],"type":"string"},"score":{"maximum":100,"minimum":0,"type":"integer"}},"required":["score","kind"],"type":"object"},"maxItems":2,"type":"array"},"share":{"type":"number"},"summary":{"maxLength":10,"type":"string"}},"required":["pages","summary","share","isGood"],"type":"object"}"#

  @Test func openAI() async throws {
    let sent = try await text(ScriptedModel.endpoint())
    #expect(
      sent == head("https://api.openai.com/v1/chat/completions")
        + #"{"max_completion_tokens":64,\#(Self.messages),"temperature":0}"#)
  }

  @Test func thinkingByDefaultIsTurnedOff() async throws {
    let sent = try await text(ScriptedModel.endpoint("gemini", thinking: .byDefault))
    #expect(sent.contains(#""reasoning_effort":"none","temperature":0"#))
  }

  @Test func openAIWithSchema() async throws {
    let sent = try await text(ScriptedModel.endpoint(thinking: .always), structured)
    let format =
      #""response_format":{"json_schema":{"name":"marks","schema":\#(Self.strict),"strict":true},"type":"json_schema"}"#
    #expect(
      sent == head("https://api.openai.com/v1/chat/completions")
        + #"{"max_completion_tokens":64,\#(Self.messages),"reasoning_effort":"minimal",\#(format)}"#)
  }

  @Test(arguments: [
    ("openrouter", "https://openrouter.ai/api/v1/chat/completions"),
    ("gemini", "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions"),
  ])
  func compatibleServers(name: String, url: String) async throws {
    var request = Sample.question
    request.temperature = 0.5
    let sent = try await text(ScriptedModel.endpoint(name), request, isStream: true)
    let stream = #""stream":true,"stream_options":{"include_usage":true},"temperature":0.5"#
    #expect(sent == head(url, accept: "text/event-stream") + #"{"max_tokens":64,\#(Self.messages),\#(stream)}"#)
  }

  @Test func promptStructureAddsTheSchemaToTheSystemPrompt() async throws {
    let sent = try await text(ScriptedModel.endpoint("openrouter", structure: .prompt), structured)
    let instruction = ModelJSON.string(
      "Be brief.\n\nAnswer with one JSON object that matches this JSON Schema, and with nothing else:\n" + Self.whole
    ).text
    #expect(
      sent.contains(#""messages":[{"content":\#(instruction),"role":"system"}"#) && !sent.contains("response_format"))
  }

  @Test func endpointWithoutKeySendsNoAuthorization() async throws {
    let endpoint = try ModelEndpoint(
      name: "local", dialect: .openAI, base: "http://127.0.0.1:8080/v1/", key: nil, model: "m", contextWindow: 2048)
    let sent = try await text(endpoint)
    #expect(
      sent.hasPrefix(
        "POST http://127.0.0.1:8080/v1/chat/completions\nAccept: application/json\nContent-Type: application/json\n\n"))
  }

  private static let anthropicHead =
    "POST https://api.anthropic.com/v1/messages\nAccept: application/json\nContent-Type: application/json\nanthropic-version: 2023-06-01\nx-api-key: …\n\n"
  private static let turn = #""messages":[{"content":"Say \"hällo\"/\n","role":"user"}],"model":"claude-test""#

  @Test func anthropic() async throws {
    let sent = try await text(ScriptedModel.endpoint("anthropic", model: "claude-test"))
    #expect(sent == Self.anthropicHead + #"{"max_tokens":64,\#(Self.turn),"system":"Be brief.","temperature":0}"#)
  }

  @Test func anthropicWithTool() async throws {
    let sent = try await text(ScriptedModel.endpoint("anthropic", model: "claude-test"), structured)
    let tools =
      #""tool_choice":{"name":"marks","type":"tool"},"tools":[{"description":"Takes the answer.","input_schema":\#(Self.whole),"name":"marks"}]"#
    #expect(
      sent == Self.anthropicHead + #"{"max_tokens":64,\#(Self.turn),"system":"Be brief.","temperature":0,\#(tools)}"#)
  }

  @Test func anthropicWithSchema() async throws {
    let endpoint = try ScriptedModel.endpoint("anthropic", model: "claude-test", structure: .schema, thinking: .always)
    let sent = try await text(endpoint, structured)
    let config = #""output_config":{"format":{"schema":\#(Self.strict),"type":"json_schema"}},"system":"Be brief.""#
    #expect(sent == Self.anthropicHead + #"{"max_tokens":64,\#(Self.turn),\#(config)}"#)
  }

  @Test func fetchHasTheKindConfigured() async throws {
    let model = ScriptedModel(.ok(Sample.openAI))
    _ = try await model.client().answer(Sample.question, by: .soon)
    let request = try #require(model.requests.first)
    #expect(request.kind == .configured && request.limits.duration == .seconds(7) && request.onBody == nil)
  }

  // MARK: Endpoints

  @Test(
    arguments: [
      ("", "https://a.example", "k", "m", 1, .name), ("two words", "https://a.example", "k", "m", 1, .name),
      ("n", "ftp://a.example", "k", "m", 1, .base), ("n", "https://", "k", "m", 1, .base),
      ("n", "https:///v1", "k", "m", 1, .base),
      ("n", "https://user:pass@a.example", "k", "m", 1, .base), ("n", "https://a.example/?a", "k", "m", 1, .base),
      ("n", "https://a.example/\r\nX: y", "k", "m", 1, .base), ("n", "https://a.example", "", "m", 1, .key),
      ("n", "https://a.example", "k\r\nX: y", "m", 1, .key), ("n", "https://a.example", "k\u{0}", "m", 1, .key),
      ("n", "https://a.example", "kä", "m", 1, .key), ("n", "https://a.example", "k", "", 1, .model),
      ("n", "https://a.example", "k", "m", 0, .contextWindow),
    ] as [(String, String, String, String, Int, InvalidModelEndpoint)])
  func invalidEndpointIsRejected(
    name: String, base: String, key: String, model: String, window: Int, part: InvalidModelEndpoint
  ) {
    #expect(throws: part) {
      try ModelEndpoint(name: name, dialect: .openAI, base: base, key: key, model: model, contextWindow: window)
    }
  }

  @Test func toolStructureNeedsTheAnthropicDialect() {
    #expect(throws: InvalidModelEndpoint.structure) {
      try ModelEndpoint(
        name: "n", dialect: .openAI, base: "https://a.example", key: nil, model: "m", contextWindow: 1, structure: .tool
      )
    }
  }
}
