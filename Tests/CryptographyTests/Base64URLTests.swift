import Cryptography
import Testing

/// Base64url without padding; the vectors are from RFC 4648, section 10.
struct Base64URLTests {
  @Test(arguments: [
    ("", ""), ("Zg", "f"), ("Zm8", "fo"), ("Zm9v", "foo"), ("Zm9vYg", "foob"), ("Zm9vYmE", "fooba"),
    ("Zm9vYmFy", "foobar"),
  ])
  func textIsDecoded(text: String, expected: String) {
    #expect(Base64URL.decode(text.utf8) == Array(expected.utf8))
  }

  @Test func minusAndUnderscoreAreDecoded() {
    #expect(Base64URL.decode("-_-_".utf8) == [0xfb, 0xff, 0xbf])
  }

  @Test(arguments: [
    "Zg==", "Zm8=", "Z", "Zm9vY", "Zm9v Yg", "Zm9v\n", "+/+/", "Zm9v.", "Zh", "Zm9", "Zé", "=", "Zm9v\u{0}",
  ])
  func invalidTextIsRejected(text: String) {
    #expect(Base64URL.decode(text.utf8) == nil)
  }
}
