import Fetch
import LanguageModel
import Testing

/// Neither the key nor the provider's messages occur in any printed form.
struct ModelSecretTests {
  private func texts(of value: Any) -> [String] {
    var dumped = ""
    dump(value, to: &dumped)
    return [
      "\(value)", String(describing: value), String(reflecting: value), dumped,
      "\(Mirror(reflecting: value).children.map { "\($0)" })",
    ]
  }

  @Test func keyIsNeverPrinted() async throws {
    let secret = ScriptedModel.secret
    var printed: [Any] = []
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
        printed.append(client)
        printed.append(client.endpoint)
        printed.append(
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
    printed += [key, Optional(key) as Any, [key]]
    for value in printed { for text in texts(of: value) { #expect(!text.contains(secret)) } }
    let endpoint: Any = try ScriptedModel.endpoint()
    #expect(!(key as Any is any Encodable) && !(endpoint is any Encodable))
  }

  @Test func modelNameWithTheKeyIsReplaced() async throws {
    let body = #"{"model":"\#(ScriptedModel.secret)","choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}"#
    #expect(try await ScriptedModel(.ok(body)).client().answer(Sample.question, by: .soon).model == "gpt-test")
  }

  @Test func keyMustFitIntoAHeader() {
    for text in ["", "sk\r\nX: y", "sk test", "sk\t", "sk_tést", "sk\u{7f}"] { #expect(ModelSecretKey(text) == nil) }
    #expect(ModelSecretKey("sk-ant_1.~") != nil)
  }

  @Test func endpointErrorsDoNotQuoteTheKey() {
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
