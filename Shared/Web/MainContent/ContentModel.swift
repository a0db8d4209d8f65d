#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Gradient-boosted trees over the features of a block. The learned values are in `ContentModel+Learned.swift`, which
/// the script `train` generates.
enum ContentModel {
  /// The probability that a block belongs to the main content.
  static func probability(_ row: ArraySlice<Float>) -> Float {
    var sum: Float = 0
    for root in roots {
      var node = Int(root)
      while node >= 0 {
        let isLeft = row[row.startIndex + Int(splits[node])] <= thresholds[node]
        node = Int(isLeft ? lefts[node] : rights[node])
      }
      sum += leaves[~node]
    }
    return 1 / (1 + expf(-sum))
  }
}

/// Predicts the kind of a page with a linear model over ``PageFacts``.
enum PageGuess {
  /// The probabilities of article, collection, documentation, forum, listing, product and service, in this order; they
  /// sum to 1.
  static func probabilities(_ facts: [Float]) -> [Float] {
    let kinds = ContentModel.guessBiases.count
    let scores = (0..<kinds).map { kind in
      facts.indices.reduce(ContentModel.guessBiases[kind]) {
        $0 + facts[$1] * ContentModel.guessWeights[kind * facts.count + $1]
      }
    }
    let highest = scores.max() ?? 0
    let powers = scores.map { expf($0 - highest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
