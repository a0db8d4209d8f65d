import LanguageModel
import Testing

/// Splitting of items into requests.
struct PromptBatchesTests {
  @Test(
    arguments: [
      ([], 10, 100, 5, [], []), ([10, 20, 30], 10, 100, 5, [[0, 1, 2]], []),
      ([50, 40, 1], 10, 100, 5, [[0, 1], [2]], []), ([1, 1, 1, 1, 1], 0, 100, 2, [[0, 1], [2, 3], [4]], []),
      ([90, 91, 5], 10, 100, 5, [[0], [2]], [1]), ([5, 91, 5], 10, 100, 5, [[0, 2]], [1]), ([1], 100, 100, 5, [], [0]),
      ([0], 100, 100, 5, [[0]], []),
      ([1], 200, 100, 5, [], [0]), ([.max, 1], 0, .max, 5, [[0], [1]], []), ([-5, 100], 0, 100, 5, [[0, 1]], []),
      ([1, 1], 0, 100, 0, [[0], [1]], []), ([1], .max, .min, 1, [], [0]),
    ] as [([Int], Int, Int, Int, [[Int]], [Int])])
  func itemsAreSplit(tokens: [Int], overhead: Int, limit: Int, maxItems: Int, batches: [[Int]], tooLarge: [Int]) {
    let split = PromptBatches.split(tokens, overhead: overhead, limit: limit, maxItems: maxItems)
    #expect(split.batches == batches && split.tooLarge == tooLarge)
  }

  @Test func batchesKeepAllItemsWithinTheLimits() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<500 {
      let tokens = (0..<Int.random(in: 0...40, using: &generator)).map { _ in Int.random(in: 0...120, using: &generator)
      }
      let split = PromptBatches.split(tokens, overhead: 20, limit: 120, maxItems: 7)
      #expect((split.batches.flatMap { $0 } + split.tooLarge).sorted() == Array(tokens.indices))
      #expect(split.tooLarge.allSatisfy { tokens[$0] > 100 })
      for batch in split.batches {
        #expect(!batch.isEmpty && batch.count <= 7 && batch.map { tokens[$0] }.reduce(20, +) <= 120)
      }
      // The first item of each batch did not fit into the batch before.
      for (batch, next) in zip(split.batches, split.batches.dropFirst()) {
        #expect(batch.count == 7 || batch.map { tokens[$0] }.reduce(20, +) + tokens[next[0]] > 120)
      }
    }
  }
}
