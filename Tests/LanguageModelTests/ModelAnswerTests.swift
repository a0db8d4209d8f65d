import Fetch
import Testing

@testable import LanguageModel

/// Parsing of answers that are not streamed.
struct ModelAnswerTests {
  private func answer(_ body: String, _ name: String = "openai", schema: ModelSchema? = nil) async throws -> ModelAnswer
  {
    var request = Sample.question
    request.schema = schema
    return try await ScriptedModel(.ok(body)).client(ScriptedModel.endpoint(name, model: "requested")).answer(
      request, by: .soon)
  }

  @Test func openAIAnswerIsParsed() async throws {
    let expected = ModelAnswer(
      text: "Hällo", inputTokens: 19, outputTokens: 10, isEstimated: false, stopReason: .finished,
      model: "gpt-test-2026")
    #expect(try await answer(Sample.openAI) == expected)
  }

  @Test func anthropicAnswerIsParsed() async throws {
    let expected = ModelAnswer(
      text: "Hällo", inputTokens: 15, outputTokens: 6, isEstimated: false, stopReason: .finished, model: "claude-test")
    #expect(try await answer(Sample.anthropic, "anthropic") == expected)
  }

  @Test func toolInputIsTheAnswer() async throws {
    let body = #"""
      {"model":"claude-test","content":[{"type":"text","text":"Here it is."},{"type":"tool_use","id":"t","name":"marks","input":{"b": 1.0, "a": ["\u00e4/"]}}],
      "stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":2}}
      """#
    #expect(try await answer(body, "anthropic", schema: Sample.schema).text == #"{"a":["ä/"],"b":1}"#)
  }

  @Test func missingTokenCountsAreEstimated() async throws {
    let counted = try await answer(#"{"choices":[{"message":{"content":"Hello there"},"finish_reason":"stop"}]}"#)
    #expect(counted.isEstimated && counted.model == "requested" && counted.outputTokens == 4)
    #expect(counted.inputTokens == ModelEstimate(Sample.question).inputTokens)
  }

  @Test func emptyRefusalIsIgnored() async throws {
    #expect(
      try await answer(#"{"choices":[{"message":{"content":"a","refusal":""},"finish_reason":"stop"}]}"#).text == "a")
  }

  /// Gemini's endpoint includes reasoning tokens only in the total.
  @Test func reasoningTokensAreCounted() async throws {
    let body =
      #"{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":100}}"#
    #expect(try await answer(body).outputTokens == 95)
  }

  @Test(arguments: [
    (
      "openai",
      #"{"choices":[{"message":{"content":"Hal"},"finish_reason":"length"}],"usage":{"prompt_tokens":3,"completion_tokens":64}}"#
    ),
    (
      "anthropic",
      #"{"content":[{"type":"text","text":"Hal"}],"stop_reason":"max_tokens","usage":{"input_tokens":3,"output_tokens":64}}"#
    ),
    (
      "anthropic",
      #"{"content":[{"type":"text","text":"Hal"}],"stop_reason":"model_context_window_exceeded","usage":{"input_tokens":3,"output_tokens":64}}"#
    ),
  ])
  func answerAtTheOutputLimitIsTruncated(name: String, body: String) async throws {
    let error = try await failure { _ = try await answer(body, name) }
    #expect(
      error
        == .truncated(
          ModelAnswer(
            text: "Hal", inputTokens: 3, outputTokens: 64, isEstimated: false, stopReason: .length, model: "requested"))
    )
    #expect(!error.isOutage && !error.isRetryable && error.answer?.outputTokens == 64)
  }

  @Test(arguments: [
    ("openai", #"{"choices":[{"message":{"content":null,"refusal":"I will not."},"finish_reason":"stop"}]}"#),
    ("openai", #"{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}"#),
    ("gemini", #"{"choices":[{"message":{"role":"assistant"},"finish_reason":"content_filter: SAFETY"}]}"#),
    ("anthropic", #"{"content":[],"stop_reason":"refusal"}"#),
  ])
  func refusalIsDeclined(name: String, body: String) async throws {
    let error = try await failure { _ = try await answer(body, name) }
    guard case .declined(let answer) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(answer.stopReason == .declined && !error.isOutage && !error.isRetryable)
  }

  @Test(arguments: [
    ("openai", ""), ("openai", "<html>"), ("openai", "[]"), ("openai", "{}"), ("openai", #"{"choices":[]}"#),
    ("openai", #"{"choices":[{}]}"#),
    ("openai", #"{"choices":[{"message":{"content":"a"}}]}"#),
    ("openai", #"{"choices":[{"message":{"content":"a"},"finish_reason":"tool_calls"}]}"#),
    ("openai", #"{"choices":[{"message":{"content":null},"finish_reason":"stop"}]}"#), ("openai", Sample.openAI + "}"),
    ("openai", Sample.anthropic),
    ("anthropic", "{}"), ("anthropic", #"{"content":[]}"#), ("anthropic", #"{"content":[],"stop_reason":"end_turn"}"#),
    ("anthropic", #"{"content":[],"stop_reason":"pause_turn"}"#), ("anthropic", Sample.openAI),
  ])
  func invalidResponseIsMalformed(name: String, body: String) async throws {
    let error = try await failure { _ = try await answer(body, name) }
    guard case .malformed = error else {
      Issue.record("\(error)")
      return
    }
    #expect(error.isOutage && !error.isRetryable)
  }

  @Test(arguments: [("openai", Sample.openAI), ("anthropic", Sample.anthropic)])
  func responseCutOffAnywhereIsMalformed(name: String, body: String) async throws {
    let bytes = Array(body.utf8)
    for end in bytes.indices {
      let model = ScriptedModel(.response(200, String(decoding: bytes[..<end], as: UTF8.self)))
      let error = try await failure {
        _ = try await model.client(ScriptedModel.endpoint(name)).answer(Sample.question, by: .soon)
      }
      guard case .malformed = error else {
        Issue.record("\(end): \(error)")
        return
      }
    }
  }

  // MARK: Errors

  @Test(
    arguments: [
      (
        400, #"{"error":{"message":"SECRET","type":"invalid_request_error","param":null,"code":null}}"#,
        .refused(status: 400, code: "invalid_request_error")
      ),
      (
        401,
        #"{"error":{"message":"Incorrect API key: SECRET","type":"invalid_request_error","code":"invalid_api_key"}}"#,
        .refused(status: 401, code: "invalid_api_key")
      ),
      (
        401, #"{"type":"error","error":{"type":"authentication_error","message":"SECRET"},"request_id":"req_1"}"#,
        .refused(status: 401, code: "authentication_error")
      ),
      (402, #"{"error":{"code":402,"message":"SECRET","metadata":{}}}"#, .refused(status: 402, code: nil)),
      (
        400, #"[{"error":{"code":400,"message":"SECRET","status":"INVALID_ARGUMENT"}}]"#,
        .refused(status: 400, code: "INVALID_ARGUMENT")
      ),
      (
        400, #"{"object":"error","message":"SECRET","type":"BadRequestError","param":null,"code":400}"#,
        .refused(status: 400, code: "BadRequestError")
      ),
      (404, "<html>SECRET</html>", .refused(status: 404, code: nil)), (404, "", .refused(status: 404, code: nil)),
      (403, #"{"error":"SECRET and more"}"#, .refused(status: 403, code: nil)),
      (403, #"{"error":{"code":"two words"}}"#, .refused(status: 403, code: nil)),
      (400, #"{"error":{"code":"sk_never_to_be_seen"}}"#, .refused(status: 400, code: nil)),
      (
        400,
        #"{"error":{"message":"This model's maximum context length is 8 tokens.","type":"invalid_request_error","code":"context_length_exceeded"}}"#,
        .tooLong
      ),
      (
        400,
        #"{"error":{"code":400,"message":"the request exceeds","type":"exceed_context_size_error","n_prompt_tokens":1407,"n_ctx":256}}"#,
        .tooLong
      ),
      (
        400,
        #"{"object":"error","message":"This model's maximum context length is 8192 tokens. However","type":"BadRequestError","code":400}"#,
        .tooLong
      ),
      (
        400,
        #"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"}}"#,
        .tooLong
      ),
      (413, #"{"type":"error","error":{"type":"request_too_large","message":"SECRET"}}"#, .tooLong),
      (200, #"{"error":{"code":403,"message":"SECRET"}}"#, .refused(status: 403, code: nil)),
    ] as [(Int, String, ModelError)])
  func errorBodyIsParsed(status: Int, body: String, expected: ModelError) async throws {
    let model = ScriptedModel(.response(status, body))
    let error = try await failure { _ = try await model.client().answer(Sample.question, by: .soon) }
    #expect(error == expected && !"\(error)".contains("SECRET"))
    #expect(model.requests.count == 1 && model.outcomes == [[.failed(expected)]])
  }

  // MARK: Token counts and quoted keys

  /// These answers are billed, but their text is not used.
  @Test(arguments: [
    #"{"choices":[{"message":{"content":null,"tool_calls":[]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":30,"completion_tokens":20}}"#,
    #"{"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":30,"completion_tokens":20}}"#,
    #"{"choices":[{"message":{"content":"the key is \#(ScriptedModel.secret)"},"finish_reason":"stop"}],"usage":{"prompt_tokens":30,"completion_tokens":20}}"#,
    #"{"choices":[{"message":{"content":"{\"a\":\"sk\\u005fnever_to_be_seen\"}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":30,"completion_tokens":20}}"#,
  ])
  func unusableAnswerKeepsItsTokenCounts(body: String) async throws {
    let model = ScriptedModel(.ok(body))
    let error = try await failure { _ = try await model.client().answer(Sample.question, by: .soon) }
    guard case .unexpectedStop(let answer) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(answer.inputTokens == 30 && answer.outputTokens == 20 && !answer.text.contains("never_to_be_seen"))
    #expect(model.requests.count == 1)
  }

  @Test func zeroTokenCountsAreEstimated() async throws {
    let body =
      #"{"choices":[{"message":{"content":"some words of an answer"},"finish_reason":"stop"}],"usage":{"prompt_tokens":0,"completion_tokens":0}}"#
    let answer = try await ScriptedModel(.ok(body)).client().answer(Sample.question, by: .soon)
    #expect(answer.isEstimated && answer.inputTokens > 0 && answer.outputTokens > 0)
  }

  @Test func twelveCharactersOfTheKeyCountAsTheKey() throws {
    let key = try #require(ModelSecretKey("sk-proj-abcdefghijklmnopqrstuvwxyz0123456789"))
    for text in ["sk-proj-abcdefghijklmnopqrstuvwxyz0123456789", "see abcdefghijkl", "qrstuvwxyz0123"] {
      #expect(key.occurs(in: text), "\(text)")
    }
    for text in ["sk-proj-", "abcdefghijk", "the alphabet: abcdefg hijklmnop", ""] {
      #expect(!key.occurs(in: text), "\(text)")
    }
  }
}
