/// Groups items into requests that stay below a token limit. Items keep their order.
package struct PromptBatches: Sendable, Equatable {
  /// The positions of the items of each request.
  package let batches: [[Int]]
  /// The positions of items that exceed the limit on their own. They are in no batch; the caller must shorten them.
  package let tooLarge: [Int]

  /// Fills each batch until the next item would overflow it.
  ///
  /// - Parameters:
  ///   - tokens: the tokens of each item, including its delimiters.
  ///   - overhead: the tokens of a request without items.
  ///   - limit: the maximum tokens of a request, including the overhead.
  ///   - maxItems: the maximum number of items in a batch; at least 1.
  package static func split(_ tokens: [Int], overhead: Int, limit: Int, maxItems: Int) -> PromptBatches {
    let (difference, overflows) = limit.subtractingReportingOverflow(max(0, overhead))
    let capacity = overflows ? 0 : difference
    var batches: [[Int]] = []
    var tooLarge: [Int] = []
    var used = 0
    for (index, tokens) in tokens.enumerated() {
      let tokens = max(0, tokens)
      guard tokens <= capacity else {
        tooLarge.append(index)
        continue
      }
      if let last = batches.last, last.count < max(1, maxItems), tokens <= capacity - used {
        batches[batches.count - 1].append(index)
        used += tokens
      } else {
        batches.append([index])
        used = tokens
      }
    }
    return PromptBatches(batches: batches, tooLarge: tooLarge)
  }
}
