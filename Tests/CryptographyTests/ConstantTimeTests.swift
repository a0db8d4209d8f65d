import Cryptography
import Testing

struct ConstantTimeTests {
  @Test(arguments: [
    ("", "", true), ("secret", "secret", true), ("secret", "secreT", false), ("Secret", "secret", false),
    ("secret", "secre", false),
    ("", "s", false),
  ])
  func comparesBytes(left: String, right: String, expected: Bool) {
    #expect(ConstantTime.areEqual(Array(left.utf8), Array(right.utf8)) == expected)
  }
}
