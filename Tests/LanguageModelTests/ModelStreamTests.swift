import Fetch
import LanguageModel
import Synchronization
import Testing

/// Streamed answers, with the stream split or cut off at every byte.
struct ModelStreamTests {
  /// Runs a stream. Returns the delivered pieces of text, and the result.
  private func stream(
    _ model: ScriptedModel, _ name: String, schema: ModelSchema? = nil, until: Int = .max
  ) async throws -> (texts: [String], result: Result<ModelAnswer, ModelError>) {
    let texts = Mutex<[String]>([])
    var request = Sample.question
    request.schema = schema
    let client = try model.client(ScriptedModel.endpoint(name, model: "requested"))
    let result: Result<ModelAnswer, ModelError>
    do throws(ModelError) {
      let answer = try await client.stream(request, by: .soon) { text in
        texts.withLock {
          $0.append(text)
          return $0.count < until
        }
      }
      result = .success(answer)
    } catch {
      result = .failure(error)
    }
    return (texts.withLock { $0 }, result)
  }

  private static let whole: [(String, String, ModelAnswer)] = [
    (
      "openai", Sample.openAIStream,
      ModelAnswer(
        text: "Hällo 🎈", inputTokens: 19, outputTokens: 10, isEstimated: false, stopReason: .finished,
        model: "gpt-test-2026")
    ),
    (
      "anthropic", Sample.anthropicStream,
      ModelAnswer(
        text: "Hällo 🎈", inputTokens: 25, outputTokens: 15, isEstimated: false, stopReason: .finished,
        model: "claude-test")
    ),
  ]

  @Test(arguments: whole)
  func answerDoesNotDependOnTheChunks(name: String, text: String, expected: ModelAnswer) async throws {
    let bytes = Array(text.utf8)
    for chunks in [[bytes], bytes.map { [$0] }] {
      let model = ScriptedModel(.chunks(chunks))
      let (texts, result) = try await stream(model, name)
      #expect(texts == ["Häl", "lo 🎈"] && result == .success(expected) && model.outcomes == [[.answered(expected)]])
    }
    for cut in bytes.indices {
      let (texts, result) = try await stream(
        ScriptedModel(.chunks([Array(bytes[..<cut]), Array(bytes[cut...])])), name)
      #expect(texts == ["Häl", "lo 🎈"] && result == .success(expected))
    }
  }

  @Test(arguments: whole)
  func bodyInTheResponseIsParsedToo(name: String, text: String, expected: ModelAnswer) async throws {
    let (texts, result) = try await stream(ScriptedModel(.ok(text)), name)
    #expect(texts == ["Häl", "lo 🎈"] && result == .success(expected))
  }

  /// Cuts the stream off after each of its bytes.
  @Test(arguments: whole)
  func streamCutOffAnywhereIsTruncated(name: String, text: String, expected: ModelAnswer) async throws {
    let bytes = Array(text.utf8)
    // The last byte ends the last event.
    for end in 0..<bytes.count - 1 {
      for code in [nil, FetchError.Code.connectionFailed] {
        let model = ScriptedModel(.chunks([Array(bytes[..<end])], code), .failure(.tls))
        let (texts, result) = try await stream(model, name)
        #expect(model.outcomes.allSatisfy { $0.count == 1 })
        guard case .failure(let error) = result else {
          Issue.record("\(end)")
          return
        }
        if texts.isEmpty {
          // No text was delivered, so the client may retry, unless the body was not an event stream.
          #expect(model.requests.count == (error == .unreachable(.tls) ? 2 : 1), "\(end)")
        } else {
          guard case .truncated(let answer) = error else {
            Issue.record("\(end): \(error)")
            return
          }
          #expect(
            answer.text == texts.joined() && answer.stopReason == .interrupted && error.isOutage
              && model.requests.count == 1)
        }
      }
    }
  }

  @Test func textBeforeABrokenConnectionIsReturnedAndBilled() async throws {
    let chunk = Array("data: {\"choices\":[{\"delta\":{\"content\":\"Half of it\"}}]}\n\n".utf8)
    for code in [FetchError.Code.timedOut, .connectionFailed, .malformedResponse] {
      let model = ScriptedModel(.chunks([chunk], code), .ok(Sample.openAIStream))
      let (_, result) = try await stream(model, "openai")
      let answer = ModelAnswer(
        text: "Half of it", inputTokens: ModelEstimate(Sample.question).inputTokens, outputTokens: 4, isEstimated: true,
        stopReason: .interrupted, model: "requested")
      #expect(
        result == .failure(.truncated(answer)) && model.outcomes == [[.failed(.truncated(answer))]]
          && model.requests.count == 1)
    }
  }

  @Test func failureBeforeAnyTextIsRetried() async throws {
    for first in [
      ScriptedModel.Answer.error(503), .failure(.connectionFailed),
      .chunks([Array(": wait\n\n".utf8)], .connectionFailed),
    ] {
      let model = ScriptedModel(first, .ok(Sample.openAIStream))
      let (texts, _) = try await stream(model, "openai")
      #expect(texts == ["Häl", "lo 🎈"] && model.requests.count == 2 && model.outcomes.map(\.count) == [1, 1])
    }
  }

  @Test func callerCanStopTheStream() async throws {
    for (name, text) in Self.whole.map({ ($0.0, $0.1) }) {
      let model = ScriptedModel(.chunks(Array(text.utf8).map { [$0] }))
      let (texts, result) = try await stream(model, name, until: 1)
      let answer = try result.get()
      #expect(
        texts == ["Häl"] && answer.text == "Häl" && answer.stopReason == .stopped
          && answer.isEstimated == (name == "openai"))
      #expect(model.outcomes == [[.answered(answer)]])
    }
  }

  @Test func cancelledStreamIsReportedOnce() async throws {
    let chunk = Array("data: {\"choices\":[{\"delta\":{\"content\":\"Half\"}}]}\n\n".utf8)
    let model = ScriptedModel(.chunks([chunk], .cancelled))
    let (_, result) = try await stream(model, "openai")
    #expect(result == .failure(.unreachable(.cancelled)) && model.outcomes == [[.cancelled]])
  }

  @Test func toolInputIsStreamed() async throws {
    let text = Sample.anthropicStream.replacing(
      #""text_delta","text":"Häl""#, with: #""input_json_delta","partial_json":"{\"a\":""#
    )
    .replacing(#""text_delta","text":"lo 🎈""#, with: #""input_json_delta","partial_json":"1}""#).replacing(
      "end_turn", with: "tool_use")
    let (texts, result) = try await stream(ScriptedModel(.ok(text)), "anthropic", schema: Sample.schema)
    #expect(texts == ["{\"a\":", "1}"])
    #expect(try result.get().text == "{\"a\":1}")
  }

  @Test(arguments: [
    ("openai", "\"stop\"", "\"length\"", ModelAnswer.StopReason.length),
    ("anthropic", "end_turn", "max_tokens", .length),
    ("openai", "\"stop\"", "\"content_filter\"", .declined), ("anthropic", "end_turn", "refusal", .declined),
  ])
  func stopReasonIsParsed(name: String, finished: String, other: String, reason: ModelAnswer.StopReason) async throws {
    let text = (name == "openai" ? Sample.openAIStream : Sample.anthropicStream).replacing(finished, with: other)
    guard case .failure(let error) = try await stream(ScriptedModel(.ok(text)), name).result else {
      Issue.record("no error")
      return
    }
    #expect(error.answer?.stopReason == reason && error.answer?.text == "Hällo 🎈" && error.answer?.isEstimated == false)
  }

  @Test(arguments: [
    (
      "anthropic", #"{"type":"error","error":{"type":"overloaded_error","message":"SECRET"}}"#,
      ModelError.refused(status: 529, code: "overloaded_error"), 3
    ),
    (
      "openai",
      #"{"error":{"code":429,"message":"SECRET"},"choices":[{"delta":{"content":""},"finish_reason":"error"}]}"#,
      .refused(status: 429, code: nil), 3
    ),
    (
      "openai", #"{"error":{"code":"server_error","message":"SECRET"}}"#, .refused(status: 500, code: "server_error"), 3
    ),
    (
      "openai", #"{"error":{"type":"invalid_request_error","message":"SECRET"}}"#,
      .refused(status: 400, code: "invalid_request_error"), 1
    ),
    ("openai", "{", .malformed("an event of its stream: it ends before its JSON does"), 1),
    ("anthropic", "SECRET", .malformed("an event of its stream: it is not JSON"), 1),
    ("openai", "[DONE]", .malformed("its stream ended without a finish_reason"), 1),
    ("anthropic", #"{"type":"message_stop"}"#, .malformed("its stream ended without a stop_reason"), 1),
  ])
  func errorEventIsThrown(name: String, data: String, expected: ModelError, attempts: Int) async throws {
    let answer = ScriptedModel.Answer.chunks([Array("data: \(data)\n\n".utf8)])
    let model = ScriptedModel(answer, answer, answer)
    let (_, result) = try await stream(model, name)
    #expect(result == .failure(expected) && model.requests.count == attempts)
  }

  @Test(arguments: ["", "<html>", "{}", "data: {}"])
  func bodyThatIsNotAStreamIsMalformed(body: String) async throws {
    let (_, result) = try await stream(ScriptedModel(.ok(body)), "openai")
    #expect(result == .failure(.malformed("it is not a stream of events")))
  }

  @Test func errorStatusIsParsed() async throws {
    let model = ScriptedModel(.response(401, #"{"error":{"code":"invalid_api_key"}}"#))
    let (texts, result) = try await stream(model, "openai")
    #expect(texts.isEmpty && result == .failure(.refused(status: 401, code: "invalid_api_key")))
  }

  @Test func tooLongLineIsMalformed() async throws {
    let model = ScriptedModel(.chunks(Array(repeating: [UInt8](repeating: 0x61, count: 1 << 19), count: 3)))
    let (_, result) = try await stream(model, "openai")
    #expect(result == .failure(.malformed("an event of its stream is too long")))
  }
}
