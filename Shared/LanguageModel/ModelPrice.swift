/// The price of a model's tokens.
package struct ModelPrice: Sendable, Equatable {
  /// Micro-dollars per million input tokens.
  package var input: Int
  /// Micro-dollars per million output tokens.
  package var output: Int

  package init(input: Int, output: Int) {
    self.input = input
    self.output = output
  }

  /// The cost in micro-dollars, rounded up and at most `Int.max`. Negative numbers count as zero.
  package func cost(input inputTokens: Int, output outputTokens: Int) -> Int {
    func product(_ a: Int, _ b: Int) -> UInt128 { UInt128(max(0, a)) * UInt128(max(0, b)) }
    // Each product has at most 126 bits, so the sum fits into 127.
    let millionths = product(inputTokens, input) + product(outputTokens, output)
    let (quotient, remainder) = millionths.quotientAndRemainder(dividingBy: 1_000_000)
    return Int(clamping: quotient + (remainder > 0 ? 1 : 0))
  }
}
