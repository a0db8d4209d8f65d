import LanguageModel
import Testing

/// WHATWG HTML, section 9.2.
struct ServerSentEventsTests {
  private func events(_ pieces: [[UInt8]]) throws -> [ServerSentEvents.Event] {
    var parser = ServerSentEvents()
    return try pieces.flatMap { try parser.read($0) }
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
  func streams(text: String, expected: [String]) throws {
    #expect(try data(text) == expected)
  }

  @Test func anEventHasAName() throws {
    let expected = [ServerSentEvents.Event(name: "ping", data: "a"), ServerSentEvents.Event(name: "", data: "b")]
    #expect(try events([Array("event: ping\ndata: a\n\ndata: b\n\n".utf8)]) == expected)
  }

  @Test(arguments: ["\n", "\r", "\r\n"])
  func whereverItIsCutItIsTheSame(end: String) throws {
    let bytes = Array(
      ("\u{feff}: c\nevent: a\ndata: 🎈ä\ndata: €\n\ndata: {\"x\":1}\n\n".replacing("\n", with: end)).utf8)
    let expected = [
      ServerSentEvents.Event(name: "a", data: "🎈ä\n€"), ServerSentEvents.Event(name: "", data: "{\"x\":1}"),
    ]
    #expect(try events(bytes.map { [$0] }) == expected)
    for cut in bytes.indices { #expect(try events([Array(bytes[..<cut]), [], Array(bytes[cut...])]) == expected) }
  }

  @Test func whatIsNotUTF8IsReplaced() throws {
    #expect(try events([[0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x61, 0x0a, 0x0a]]).map(\.data) == ["\u{fffd}a"])
  }

  @Test func linesAndEventsAreBounded() throws {
    var parser = ServerSentEvents(maximumBytes: 16)
    #expect(try parser.read(Array("data: 0123456789\n\n".utf8)).count == 1)
    #expect(throws: ServerSentEvents.TooLong.self) { try parser.read(Array("data: 0123456789a".utf8)) }
    var other = ServerSentEvents(maximumBytes: 16)
    #expect(throws: ServerSentEvents.TooLong.self) { try other.read(Array("data: 01234567\ndata: 01234567\n".utf8)) }
  }
}
