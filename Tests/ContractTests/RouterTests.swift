import Contract
import Testing

/// Routing, CORS, and the coding of events.
@Suite struct RouterTests {
  private let router = Router(
    [
      Operation("GET", "/a/{id}/content") { Response.text($0.parameters["id"]!, mediaType: "text/plain") },
      Operation("POST", "/a") { _ in Response(status: 201) },
    ], allowedOrigins: ["https://app.example"], log: .silent)

  private func respond(_ method: String, _ path: String, headers: [String: String] = [:]) async -> Response {
    await router.respond(to: Event(method: method, rawPath: path, headers: headers), by: .later)
  }

  @Test func segmentsInBracesBecomeParameters() async {
    #expect(await respond("GET", "/a/x%2Fy/content").bytes == Array("x%2Fy".utf8))
  }

  @Test(arguments: [
    ("GET", "/a"), ("GET", "/b"), ("DELETE", "/a"), ("GET", "/a/x/other"), ("GET", "/a//content"), ("POST", "/"),
  ])
  func unknownRouteIsNotFoundAndTheMessageListsTheRoutes(method: String, path: String) async throws {
    let response = await respond(method, path)
    #expect(response.status == 404)
    #expect(try JSON.decode(FailureBody.self, from: response.bytes).error.message.contains("POST /a"))
  }

  @Test func pathWithoutASlashIsInvalid() async { #expect(await respond("GET", "a").status == 400) }

  @Test func headReturnsTheHeadersOfGet() async {
    let response = await respond("HEAD", "/a/1/content")
    #expect(response.status == 200)
    #expect(response.bytes.isEmpty)
  }

  // MARK: CORS (the Fetch standard, section 3.2)

  @Test func allowedOriginMayReadTheResponse() async {
    #expect(
      await respond("POST", "/a", headers: ["origin": "https://app.example"]).headers["access-control-allow-origin"]
        == "https://app.example")
  }

  @Test func otherOriginMayNotReadTheResponse() async {
    let response = await respond("POST", "/a", headers: ["origin": "https://evil.example"])
    #expect(response.headers["access-control-allow-origin"] == nil)
    #expect(response.headers["vary"] == "origin")
  }

  @Test func preflightListsMethodsAndHeaders() async {
    let response = await respond(
      "OPTIONS", "/a", headers: ["origin": "https://app.example", "access-control-request-method": "POST"])
    #expect(response.status == 204)
    #expect(response.headers["access-control-allow-methods"] == "POST")
    #expect(response.headers["access-control-allow-headers"]?.contains("idempotency-key") == true)
  }

  @Test func queryParametersAreDecoded() {
    let event = Event(method: "GET", rawPath: "/", rawQueryString: "a=1&b=x+y%26z&c&a=2")
    #expect(event.query("a") == "1")
    #expect(event.query("b") == "x y&z")
    #expect(event.query("c") == "")
    #expect(event.query("d") == nil)
  }

  @Test func decodedEventEqualsTheEncodedOne() throws {
    let event = Event(
      method: "POST", rawPath: "/a%20b", rawQueryString: "q=1", headers: ["x": "y"], body: [0xff, 0x00],
      sourceIP: "192.0.2.1", requestID: "r")
    #expect(try JSON.decode(Event.self, from: JSON.encode(event)) == event)
  }
}
