import Contract
import Testing

@testable import Gateway

struct HTTPTranslationTests {
  private static func event(_ request: HTTPTranslation.Request, body: [UInt8] = [], trusted: String = "") throws
    -> Event
  {
    let proxies = try TrustedProxies(Environment(["TRUSTED_PROXIES": trusted]))
    return HTTPTranslation(trustedProxies: proxies).event(request, body: body)
  }

  @Test("method, path, query and body are passed on without decoding")
  func requestLine() throws {
    let event = try Self.event(
      .init(method: "POST", target: "/a%2Fb/c?x=1%202&y=?z", remoteAddress: "192.0.2.1"), body: [0, 255])
    #expect(event.method == "POST")
    #expect(event.rawPath == "/a%2Fb/c")
    #expect(event.rawQueryString == "x=1%202&y=?z")
    #expect(event.body == [0, 255])
    #expect(event.sourceIP == "192.0.2.1")
    #expect(!event.isOperator)
  }

  @Test("an event survives the encoding that functions receive")
  func encodedEvent() throws {
    let event = try Self.event(
      .init(method: "PUT", target: "/usage?a=b", fields: [("X-A", "1")], remoteAddress: "2001:db8::1"), body: [0, 255])
    #expect(try JSON.decode(Event.self, from: JSON.encode(event)) == event)
  }

  @Test("field names become lower case, and equal names are joined by commas (RFC 9110, section 5.3)")
  func fields() throws {
    let event = try Self.event(
      .init(method: "GET", target: "/", fields: [("Accept", "a"), ("X-Y", "1"), ("accept", "b")]))
    #expect(event.headers == ["accept": "a,b", "x-y": "1"])
  }

  @Test("the authority replaces the Host field")
  func authority() throws {
    let event = try Self.event(
      .init(method: "GET", target: "/", authority: "b.example:1", fields: [("Host", "a.example")]))
    #expect(event.headers["host"] == "b.example:1")
  }

  @Test("an unknown remote address never looks like an address")
  func unknownAddress() throws {
    let event = try Self.event(
      .init(method: "GET", target: "/", fields: [("X-Forwarded-For", "192.0.2.9")]), trusted: "0.0.0.0/0")
    #expect(event.sourceIP == "unknown")
  }

  @Test("a response has one set-cookie field for each cookie")
  func cookies() {
    let fields = HTTPTranslation.fields(
      of: Response(status: 200, headers: ["content-type": "text/plain"], cookies: ["a=1", "b=2"]))
    #expect(
      fields.map { "\($0.name): \($0.value)" } == ["content-type: text/plain", "set-cookie: a=1", "set-cookie: b=2"])
  }

  // MARK: Bodies

  private static let limit = HTTPTranslation.maximumBodyBytes

  @Test("a body up to the limit is collected, and one more byte is refused")
  func bodyLimit() throws {
    var body = HTTPTranslation.Body()
    let continues = body.add([UInt8](repeating: 1, count: Self.limit - 1))
    #expect(continues)
    _ = body.add([2])
    #expect(try body.finish().count == Self.limit)
    _ = body.add([3])
    let failure = #expect(throws: Failure.self) { try body.finish() }
    #expect(failure?.code == .invalidRequest)
  }

  @Test("reception ends at ten times the limit")
  func bodyThatNeverEnds() {
    var body = HTTPTranslation.Body()
    let piece = [UInt8](repeating: 0, count: Self.limit)
    let count = (0..<20).first { _ in !body.add(piece) }
    #expect(count == 10)
  }
}
