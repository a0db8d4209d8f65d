/// What a model's tokens cost.
package struct ModelPrice: Sendable, Equatable {
  /// Micro-dollars per million tokens that are sent.
  package var input: Int
  /// Micro-dollars per million tokens that come back.
  package var output: Int

  package init(input: Int, output: Int) {
    self.input = input
    self.output = output
  }

  /// Micro-dollars, rounded up; `Int.max` where it would be more. What is negative counts as nothing.
  package func cost(input inputTokens: Int, output outputTokens: Int) -> Int {
    func product(_ a: Int, _ b: Int) -> UInt128 { UInt128(max(0, a)) * UInt128(max(0, b)) }
    // Two products of 126 bits: their sum has 127.
    let millionths = product(inputTokens, input) + product(outputTokens, output)
    let (quotient, remainder) = millionths.quotientAndRemainder(dividingBy: 1_000_000)
    return Int(clamping: quotient + (remainder > 0 ? 1 : 0))
  }
}
