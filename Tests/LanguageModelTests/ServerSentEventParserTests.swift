import LanguageModel
import Testing

/// Parsing of event streams (WHATWG HTML, section 9.2).
struct ServerSentEventParserTests {
  private func events(_ chunks: [[UInt8]]) throws -> [ServerSentEventParser.Event] {
    var parser = ServerSentEventParser()
    return try chunks.flatMap { try parser.parse($0) }
  }

  private func data(_ text: String) throws -> [String] { try events([Array(text.utf8)]).map(\.data) }

  @Test(arguments: [
    ("data: YHOO\ndata: +2\ndata: 10\n\n", ["YHOO\n+2\n10"]),
    (
      ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
      ["first event", "second event", " third event"]
    ),
    ("data\n\ndata\ndata\n\ndata:", ["", "\n"]),
    ("data:test\n\ndata: test\n\n", ["test", "test"]),
    ("\u{feff}data: a\n\n\u{feff}data: b\n\n", ["a"]),
    ("data: a\r\rdata: b\r\n\r\ndata: c\n\n", ["a", "b", "c"]), ("data: a\r\n\rdata: b\r\n\n", ["a", "b"]),
    ("data: a\u{2028}b\u{85}c\n\n", ["a\u{2028}b\u{85}c"]), ("event: x\n\n\n\ndata: a\n\n", ["a"]),
    ("Data: a\nretry: 10\nunknown: b\ndata : c\n\n", []), ("data: a:b: c\n\n", ["a:b: c"]), ("data: a", []),
    ("data: a\n", []), ("", []),
    (": OPENROUTER PROCESSING\n\n: \n\ndata: a\n\n", ["a"]),
  ])
  func streamIsParsed(text: String, expected: [String]) throws {
    #expect(try data(text) == expected)
  }

  @Test func eventFieldIsTheName() throws {
    let expected = [
      ServerSentEventParser.Event(name: "ping", data: "a"), ServerSentEventParser.Event(name: "", data: "b"),
    ]
    #expect(try events([Array("event: ping\ndata: a\n\ndata: b\n\n".utf8)]) == expected)
  }

  @Test(arguments: ["\n", "\r", "\r\n"])
  func eventsDoNotDependOnTheChunks(end: String) throws {
    let bytes = Array(
      ("\u{feff}: c\nevent: a\ndata: 🎈ä\ndata: €\n\ndata: {\"x\":1}\n\n".replacing("\n", with: end)).utf8)
    let expected = [
      ServerSentEventParser.Event(name: "a", data: "🎈ä\n€"), ServerSentEventParser.Event(name: "", data: "{\"x\":1}"),
    ]
    #expect(try events(bytes.map { [$0] }) == expected)
    for cut in bytes.indices { #expect(try events([Array(bytes[..<cut]), [], Array(bytes[cut...])]) == expected) }
  }

  @Test func invalidUTF8IsReplaced() throws {
    #expect(try events([[0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x61, 0x0a, 0x0a]]).map(\.data) == ["\u{fffd}a"])
  }

  @Test func tooLongLinesAndEventsThrow() throws {
    var parser = ServerSentEventParser(maximumBytes: 16)
    #expect(try parser.parse(Array("data: 0123456789\n\n".utf8)).count == 1)
    #expect(throws: ServerSentEventParser.TooLong.self) { try parser.parse(Array("data: 0123456789a".utf8)) }
    var other = ServerSentEventParser(maximumBytes: 16)
    #expect(throws: ServerSentEventParser.TooLong.self) {
      try other.parse(Array("data: 01234567\ndata: 01234567\n".utf8))
    }
  }
}
