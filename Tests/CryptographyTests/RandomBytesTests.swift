import Cryptography
import Testing

struct RandomBytesTests {
  @Test(arguments: [0, 1, 32, 1000])
  func returnsTheRequestedCount(count: Int) {
    #expect(RandomBytes.make(count).count == count)
  }

  /// Two random values of 32 bytes are equal with probability 2^-256.
  @Test func valuesDiffer() {
    #expect(Set((0..<100).map { _ in RandomBytes.make(32) }).count == 100)
  }

  /// A byte that is never written stays zero. A random byte is zero in all 256 draws with probability 2^-2048.
  @Test func everyByteIsWritten() {
    let draws = (0..<256).map { _ in RandomBytes.make(32) }
    for index in 0..<32 { #expect(draws.contains { $0[index] != 0 }) }
  }
}
