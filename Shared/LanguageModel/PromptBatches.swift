/// Items shared out over as few requests as come of taking them in their order.
package struct PromptBatches: Sendable, Equatable {
  /// Positions of the items that go together.
  package let batches: [[Int]]
  /// Items that do not fit alone either: whoever asks cuts them. They lie in no batch.
  package let tooLarge: [Int]

  /// Fills each batch until the next item would overflow it.
  ///
  /// - Parameters:
  ///   - tokens: of each item, its own marks included.
  ///   - overhead: tokens that each request has without items.
  ///   - limit: tokens that a request may have, overhead included.
  ///   - maxItems: that a batch may have; at least 1.
  package static func split(_ tokens: [Int], overhead: Int, limit: Int, maxItems: Int) -> PromptBatches {
    let (difference, isBelow) = limit.subtractingReportingOverflow(max(0, overhead))
    let room = isBelow ? 0 : difference
    var batches: [[Int]] = []
    var tooLarge: [Int] = []
    var used = 0
    for (index, tokens) in tokens.enumerated() {
      let tokens = max(0, tokens)
      guard tokens <= room else {
        tooLarge.append(index)
        continue
      }
      if let last = batches.last, last.count < max(1, maxItems), tokens <= room - used {
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
