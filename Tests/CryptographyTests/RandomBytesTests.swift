import Cryptography
import Testing

struct RandomBytesTests {
  @Test(arguments: [0, 1, 32, 1000])
  func asManyAsAskedFor(count: Int) {
    #expect(RandomBytes.make(count).count == count)
  }

  /// Two of 32 bytes are the same once in 2^256.
  @Test func noTwoAreTheSame() {
    #expect(Set((0..<100).map { _ in RandomBytes.make(32) }).count == 100)
  }

  /// A byte that is never written stays zero: in 256 draws that happens to one of 32 once in 2^2043.
  @Test func everyByteIsWritten() {
    let draws = (0..<256).map { _ in RandomBytes.make(32) }
    for index in 0..<32 { #expect(draws.contains { $0[index] != 0 }) }
  }
}
