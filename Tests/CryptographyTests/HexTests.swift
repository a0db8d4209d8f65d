import Cryptography
import Testing

struct HexTests {
  @Test(arguments: [([], ""), ([0x00, 0x0f, 0xf0, 0xff], "000ff0ff"), ([0x12, 0xab], "12ab")] as [([UInt8], String)])
  func bytesAreEncoded(bytes: [UInt8], expected: String) {
    #expect(Hex.encode(bytes) == expected)
  }
}
