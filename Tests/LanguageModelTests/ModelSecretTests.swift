import Fetch
import LanguageModel
import Testing

/// No way of printing shows a key, nor what a provider said.
struct ModelSecretTests {
  private func texts(of value: Any) -> [String] {
    var dumped = ""
    dump(value, to: &dumped)
    return [
      "\(value)", String(describing: value), String(reflecting: value), dumped,
      "\(Mirror(reflecting: value).children.map { "\($0)" })",
    ]
  }

  @Test func theKeyIsNeverSeen() async throws {
    let secret = ScriptedModel.secret
    var seen: [Any] = []
    let echo = #"{"model":"\#(secret)","choices":[{"message":{"content":"\#(secret)"},"finish_reason":"length"}]}"#
    let answers: [ScriptedModel.Answer] = [
      .failure(.tls), .failure(.connectionFailed), .failure(.timedOut), .failure(.cancelled), .error(401), .error(500),
      .ok("{\"\(secret)\":"), .ok(echo),
      .ok(echo.replacing("length", with: secret)), .ok(echo.replacing("length", with: "content_filter")),
      .response(
        400, #"{"error":{"type":"\#(secret)","code":"\#(secret)","status":"\#(secret)","message":"\#(secret)"}}"#),
      .response(400, #"{"error":"\#(secret)"}"#), .response(429, "", ["retry-after": secret]),
    ]
    for answer in answers {
      for isStream in [false, true] {
        let model = ScriptedModel(answer, answer, answer)
        let client = try model.client()
        seen.append(client)
        seen.append(client.endpoint)
        seen.append(
          try await failure {
            if isStream {
              _ = try await client.stream(Sample.question, by: .soon) { _ in true }
            } else {
              _ = try await client.answer(Sample.question, by: .soon)
            }
          })
      }
    }
    let key = try #require(ModelSecretKey(secret))
    seen += [key, Optional(key) as Any, [key]]
    for value in seen { for text in texts(of: value) { #expect(!text.contains(secret)) } }
    let endpoint: Any = try ScriptedModel.endpoint()
    #expect(!(key as Any is any Encodable) && !(endpoint is any Encodable))
  }

  @Test func aNameThatQuotesTheKeyIsNotPassedOn() async throws {
    let body = #"{"model":"\#(ScriptedModel.secret)","choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}"#
    #expect(try await ScriptedModel(.ok(body)).client().answer(Sample.question, by: .soon).model == "gpt-test")
  }

  @Test func aKeyIsWhatAHeaderHolds() {
    for text in ["", "sk\r\nX: y", "sk test", "sk\t", "sk_tést", "sk\u{7f}"] { #expect(ModelSecretKey(text) == nil) }
    #expect(ModelSecretKey("sk-ant_1.~") != nil)
  }

  @Test func aRefusedEndpointQuotesNothing() {
    #expect(throws: InvalidModelEndpoint.key) {
      try ModelEndpoint(
        name: "n", dialect: .openAI, base: "https://a.example", key: "\(ScriptedModel.secret)\n", model: "m",
        contextWindow: 1)
    }
    for part in [InvalidModelEndpoint.name, .base, .key, .model, .contextWindow, .structure] {
      #expect(!"\(part)".contains("sk_"))
    }
  }
}
