import LanguageModel
import Testing

/// Parsing and writing of JSON (RFC 8259).
struct ModelJSONTests {
  private func parse(_ text: String, depth: Int = 32) throws -> ModelJSON {
    try ModelJSON(parsing: Array(text.utf8), maximumBytes: 1000, maximumDepth: depth)
  }

  @Test(arguments: [
    ("{}", "{}"), (" [ ] ", "[]"), (#"{"b":1,"a":[true,false,null,"x"]}"#, #"{"a":[true,false,null,"x"],"b":1}"#),
    ("-0", "0"), ("1.50", "1.5"), ("1E2", "100"),
    ("-1.5e-3", "-0.0015"), ("9223372036854775807", "9223372036854775807"),
    (#""\"\\\/\b\f\n\r\t\u00e4\ud83c\udf88""#, "\"\\\"\\\\/\\u0008\\u000c\\n\\r\\tä🎈\""),
    ("\"\u{7f}\u{2028}\"", "\"\u{7f}\u{2028}\""),
  ])
  func validTextRoundTrips(text: String, written: String) throws {
    let value = try parse(text)
    #expect(value.text == written)
    #expect(try parse(written) == value)
  }

  @Test(arguments: [
    "", " ", "{", "[1", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "{\"a\":1 \"b\":2}",
    "{\"a\":1,\"\\u0061\":2}", "01", "-", "-a", "1.", "1e", "1e+", "1e400",
    "tru", "nul", "nan", "\"", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u00g0\"", "\"\\ud83c\"", "\"\\ud83cx\"",
    "\"\\ud83c\\n\"", "\"\\udf88\"", "\"\\ud83c\\ud83c\"",
    "\"\n\"", "\"\u{0}\"", "1 2", "{}}", "[]]", "/**/1", "\u{a0}1", "'a'", "1_000", "0x1",
  ])
  func invalidTextIsRejected(text: String) {
    #expect(throws: ModelJSON.Malformed.self) { try parse(text) }
  }

  @Test func sizeAndDepthAreLimited() throws {
    #expect(throws: ModelJSON.Malformed.self) { try parse("\"" + String(repeating: "a", count: 999) + "\"") }
    #expect(throws: ModelJSON.Malformed(reason: "it is nested too deeply")) { try parse("[[[1]]]", depth: 2) }
    #expect(try parse("[[1],[2],{\"a\":3}]", depth: 2).text == "[[1],[2],{\"a\":3}]")
    #expect(throws: ModelJSON.Malformed(reason: "it is not UTF-8")) { try ModelJSON(parsing: [0x22, 0xff, 0x22]) }
  }

  /// A text of only brackets must not overflow the stack.
  @Test func deepNestingDoesNotOverflowTheStack() {
    #expect(throws: ModelJSON.Malformed.self) { try ModelJSON(parsing: [UInt8](repeating: 0x5b, count: 1 << 20)) }
  }
}
