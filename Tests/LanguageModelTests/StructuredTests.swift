import Fetch
import LanguageModel
import Synchronization
import Testing

/// JSON answers: strict parsing, validation against the schema, and one repair.
struct StructuredTests {
  private struct Marks: Decodable, Equatable, Sendable {
    struct Page: Decodable, Equatable, Sendable { let score: Int, kind: String }
    let pages: [Page], summary: String, share: Double, isGood: Bool
  }

  private static let good = #"{"pages":[{"score":90,"kind":"guide"}],"summary":"ä🎈","share":0.5,"isGood":true}"#

  private static var request: ModelRequest {
    var request = Sample.question
    request.maxOutputTokens = 100
    request.schema = Sample.schema
    return request
  }

  @Test(arguments: [
    good, " \n\(good)\r\n\t", "```json\n\(good)\n```", "```\n\(good)```", "\n```JSON \n\n\(good)\n```\n",
    good.replacing("0.5", with: "5e-1"),
    good.replacing("90", with: "90.0"), good.replacing("90", with: "9e1"),
    good.replacing("guide", with: #"gui\u0064e"#),
  ])
  func validAnswerIsDecoded(text: String) async throws {
    let model = ScriptedModel(Sample.openAI(text))
    let answer = try await model.client().structured(Self.request, as: Marks.self, by: .soon)
    #expect(answer.value == Marks(pages: [.init(score: 90, kind: "guide")], summary: "ä🎈", share: 0.5, isGood: true))
    #expect(answer.answers.count == 1 && !answer.wasRepaired && model.requests.count == 1)
  }

  /// The model sends each invalid answer twice.
  @Test(arguments: [
    ("", "ends"), ("Here: \(good)", "not JSON"), ("\(good) done", "follows"), ("\(good)\(good)", "follows"),
    ("```json\n\(good)\n```\n```json\n\(good)\n```", "JSON"),
    ("```json \(good)```", "JSON"), ("```json\n\(good)", "JSON"), ("``\(good)``", "JSON"),
    (String(good.dropLast()), "ends"),
    (good.replacing(#""share""#, with: #""summary":"a","share""#), "twice"),
    (good.replacing("0.5", with: "NaN"), "not JSON"),
    (good.replacing("0.5", with: "1e999"), "number"), (good.replacing("0.5", with: "Infinity"), "not JSON"),
    (good.replacing("0.5", with: ".5"), "not JSON"),
    (good.replacing("90", with: "090"), "number"), (good.replacing("90", with: "+90"), "not JSON"),
    (good.replacing("}]", with: "},]"), "not JSON"),
    (good.replacing("true", with: "True"), "not JSON"), (good.replacing("\"guide\"", with: "'guide'"), "not JSON"),
    ("// a\n\(good)", "not JSON"),
    (String(repeating: "[", count: 100_000), "nested"), ("\u{feff}\(good)", "not JSON"),
    ("[\(good)]", "must be an object"), ("null", "must be an object"),
    (good.replacing(#","isGood":true"#, with: ""), "isGood is missing"),
    (good.replacing("true", with: "1"), "isGood must be true or false"),
    (good.replacing("true", with: #"true,"more":1"#), "properties that were not asked for"),
    (good.replacing("90", with: "101"), "pages[0].score must be from 0 to 100"),
    (good.replacing("90", with: "-1"), "pages[0].score must be from"),
    (good.replacing("90", with: "90.5"), "pages[0].score must be a whole"),
    (good.replacing("90", with: "\"90\""), "pages[0].score must be a whole"),
    (good.replacing("90", with: "99999999999999999999"), "pages[0].score must be a whole"),
    (good.replacing("guide", with: "SECRET"), "pages[0].kind must be one of guide, other"),
    (good.replacing("ä🎈", with: "12345678901"), "summary may have at most 10"),
    (good.replacing("[{", with: #"[{"score":1,"kind":"other"},{"score":1,"kind":"other"},{"#), "pages has 3 items"),
    (good.replacing("0.5", with: "null"), "share must be a number"),
  ])
  func invalidAnswerIsRejected(text: String, reason: String) async throws {
    let model = ScriptedModel(Sample.openAI(text), Sample.openAI(text))
    let error = try await failure {
      _ = try await model.client(ScriptedModel.endpoint(contextWindow: 2_000_000)).structured(
        Self.request, as: Marks.self, by: .soon)
    }
    guard case .mismatched(let message) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(message.contains(reason) && !message.contains("SECRET"), "\(message)")
    #expect(model.requests.count == 2 && model.outcomes.map(\.count) == [1, 1] && !error.isOutage)
  }

  @Test func invalidAnswerIsRepairedOnce() async throws {
    let bad = Self.good.replacing("90", with: "900")
    let model = ScriptedModel(Sample.openAI(bad), Sample.openAI(Self.good))
    let answer = try await model.client().structured(Self.request, as: Marks.self, by: .soon)
    #expect(
      answer.value.pages.first?.score == 90 && answer.wasRepaired && answer.answers.map(\.text) == [bad, Self.good])
    #expect(model.outcomes == answer.answers.map { [.answered($0)] })
    let instruction =
      "That answer cannot be used: pages[0].score must be from 0 to 100. Send the whole answer again, corrected, as JSON and nothing else."
    #expect(
      model.text.contains(
        #"{"content":\#(ModelJSON.string(bad).text),"role":"assistant"},{"content":"\#(instruction)","role":"user"}"#))
  }

  @Test func callersCheckCanRejectAnAnswer() async throws {
    let model = ScriptedModel(Sample.openAI(Self.good), Sample.openAI(Self.good))
    let checks = Mutex(0)
    let error = try await failure {
      _ = try await model.client().structured(Self.request, as: Marks.self, by: .soon) {
        (marks: Marks) throws(ModelMismatch) in
        checks.withLock { $0 += 1 }
        if marks.pages.count < 2 { throw ModelMismatch("pages must have\n2 items") }
      }
    }
    #expect(error == .mismatched("pages must have 2 items") && checks.withLock { $0 } == 2)
  }

  @Test func decodingErrorIsAMismatch() async throws {
    struct Other: Decodable, Sendable { let missing: String }
    let model = ScriptedModel(Sample.openAI(Self.good), Sample.openAI(Self.good))
    let error = try await failure { _ = try await model.client().structured(Self.request, as: Other.self, by: .soon) }
    #expect(error == .mismatched("missing cannot be used"))
  }

  @Test func blankAnswerIsRepaired() async throws {
    let model = ScriptedModel(Sample.openAI(" \n"), Sample.openAI(Self.good))
    #expect(try await model.client().structured(Self.request, as: Marks.self, by: .soon).wasRepaired)
    #expect(model.text.contains(#"{"content":"(nothing)","role":"assistant"}"#))
  }

  @Test func repairBeyondTheContextWindowIsNotSent() async throws {
    let model = ScriptedModel(Sample.openAI("no"), Sample.openAI(Self.good))
    let window = ModelEstimate(Self.request).inputTokens + 100
    let error = try await failure {
      _ = try await model.client(ScriptedModel.endpoint(contextWindow: window)).structured(
        Self.request, as: Marks.self, by: .soon)
    }
    #expect(error == .mismatched("the answer is not one JSON value: it is not JSON") && model.requests.count == 1)
  }

  @Test func otherErrorsAreNotRepaired() async throws {
    for (answer, isExpected) in [
      (Sample.openAI(Self.good, finish: "length"), { (error: ModelError) in error.answer?.stopReason == .length }),
      (.error(401), { $0 == .refused(status: 401, code: "some_error") }),
    ] as [(ScriptedModel.Answer, (ModelError) -> Bool)] {
      let model = ScriptedModel(answer, Sample.openAI(Self.good))
      #expect(
        isExpected(
          try await failure { _ = try await model.client().structured(Self.request, as: Marks.self, by: .soon) }))
      #expect(model.requests.count == 1)
    }
    let model = ScriptedModel(Sample.openAI("no"), .error(401))
    let error = try await failure { _ = try await model.client().structured(Self.request, as: Marks.self, by: .soon) }
    #expect(error == .refused(status: 401, code: "some_error"))
  }
}
