import LanguageModel
import Testing

/// Prices and token estimates.
struct ModelCostTests {
  @Test(
    arguments: [
      (150_000, 600_000, 0, 0, 0), (150_000, 600_000, 1, 0, 1), (150_000, 600_000, 0, 1, 1), (1_000_000, 0, 1, 0, 1),
      (1_000_001, 0, 1, 0, 2),
      (150_000, 600_000, 1_000_000, 1_000_000, 750_000), (500_000, 500_000, 1, 1, 1), (0, 0, .max, .max, 0),
      (.max, .max, .max, .max, .max),
      (1_000_000, 0, .max, 0, .max), (2, 0, .max, 0, 18_446_744_073_710), (-1, -1, 5, 5, 0), (5, 5, -1, .min, 0),
    ] as [(Int, Int, Int, Int, Int)])
  func cost(input: Int, output: Int, sent: Int, received: Int, expected: Int) {
    #expect(ModelPrice(input: input, output: output).cost(input: sent, output: received) == expected)
  }

  @Test func maximumCostOfAnAttempt() {
    let estimate = ModelEstimate(inputTokens: 1000, maxOutputTokens: 500)
    #expect(estimate.maximumCost(ModelPrice(input: 150_000, output: 600_000)) == 450)
  }

  @Test(arguments: [
    ("", 0), ("a", 1), ("Hello, world", 5), ("2026", 4), ("ä", 1), ("日本語", 6), ("🎈", 4), ("the quick brown fox", 7),
  ])
  func tokenEstimate(text: String, tokens: Int) {
    #expect(ModelEstimate.tokens(in: text) == tokens)
    #expect(tokens <= text.utf8.count)
  }

  @Test func requestEstimateIncludesMessagesAndSchema() {
    var request = Sample.question
    let plain = ModelEstimate(request)
    #expect(
      plain.inputTokens > ModelEstimate.tokens(in: "Be brief.") + ModelEstimate.tokens(in: request.messages[0].text)
        && plain.maxOutputTokens == 64)
    request.schema = Sample.schema
    #expect(ModelEstimate(request).inputTokens > plain.inputTokens + 100)
  }
}
