import Contract
import Synchronization
import Testing

/// Responses with a streamed body, and their collection for invocations, which cannot stream.
@Suite struct StreamedResponseTests {
  private struct BrokenStream: Error {}

  private static func response(_ pieces: [String], error: (any Error)? = nil) -> Response {
    Response(
      status: 201, headers: ["content-type": "text/plain", "x-a": "1"],
      body: .stream(
        AsyncThrowingStream { continuation in
          for piece in pieces { continuation.yield(Array(piece.utf8)) }
          continuation.finish(throwing: error)
        }), cookies: ["a=1"])
  }

  /// A router whose operations all return the same streamed response.
  private static func router(_ pieces: [String], error: (any Error)? = nil, log: Log = .silent) -> Router {
    Router(
      ["GET", "POST"].map { Operation($0, "/stream") { _ in response(pieces, error: error) } },
      allowedOrigins: ["https://app.example"], log: log)
  }

  private static let event = Event(
    method: "GET", rawPath: "/stream", headers: ["origin": "https://app.example"], requestID: "the-request")

  private func answer(_ router: Router, _ event: Event = event) async throws -> Response {
    let line = await Invocation.answer(to: try JSON.encode(event), router, .later)
    return try JSON.decode(Response.self, from: line)
  }

  // MARK: Buffering

  @Test(arguments: [[], [""], ["a"], ["a", "", "bc", "ü"]])
  func bufferedResponseHasAllPieces(pieces: [String]) async throws {
    let response = try await Self.response(pieces).buffered()
    #expect(response.bytes == Array(pieces.joined().utf8))
    #expect(response.status == 201 && response.headers["x-a"] == "1" && response.cookies == ["a=1"])
  }

  @Test func bufferedResponseOfBytesIsUnchanged() async throws {
    let response = try await Response.text("a", mediaType: "text/plain").buffered()
    #expect(response.bytes == Array("a".utf8))
  }

  @Test func bufferingThrowsTheErrorOfTheStream() async {
    await #expect(throws: BrokenStream.self) {
      try await Self.response(["a"], error: BrokenStream()).buffered()
    }
  }

  @Test func streamHasNoBytesBeforeItIsBuffered() { #expect(Self.response(["a"]).bytes.isEmpty) }

  @Test func streamCannotBeEncodedBeforeItIsBuffered() async throws {
    let response = Self.response(["a"])
    #expect(throws: EncodingError.self) { try JSON.encode(response) }
    let encoded = try JSON.encode(try await response.buffered())
    #expect(try JSON.decode(Response.self, from: encoded).bytes == Array("a".utf8))
  }

  // MARK: Invocations

  @Test func invocationBuffersTheStream() async throws {
    let response = try await answer(Self.router(["a", "b"]))
    #expect(response.status == 201)
    #expect(response.bytes == Array("ab".utf8))
    #expect(response.headers["x-request-id"] == "the-request")
    #expect(response.headers["access-control-allow-origin"] == "https://app.example")
  }

  @Test func bareBodyBuffersTheStream() async throws {
    let line = await Invocation.answer(to: Array("{}".utf8), Self.router(["a", "b"]), .later)
    #expect(try JSON.decode(Response.self, from: line).bytes == Array("ab".utf8))
  }

  @Test func binaryStreamIsEncodedAsBase64() async throws {
    let router = Router(
      [
        Operation("GET", "/stream") { _ in
          Response(
            status: 200,
            body: .stream(
              AsyncThrowingStream { continuation in
                continuation.yield([0xff])
                continuation.yield([0, 0xfe])
                continuation.finish()
              }))
        }
      ], log: .silent)
    #expect(try await answer(router).bytes == [0xff, 0, 0xfe])
  }

  @Test func responseToHeadDropsTheStream() async throws {
    var event = Self.event
    event.method = "HEAD"
    let response = try await answer(Self.router(["a"], error: BrokenStream()), event)
    #expect(response.status == 201 && response.bytes.isEmpty)
  }

  @Test func errorInTheStreamIsInternalAndLogged() async throws {
    let lines = Mutex<[String]>([])
    let log = Log(threshold: .error) { line in lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
    let response = try await answer(Self.router(["secret"], error: BrokenStream(), log: log))
    #expect(response.status == 500)
    let error = try JSON.decode(FailureBody.self, from: response.bytes).error
    #expect(error.code == "internal")
    #expect(error.requestId == "the-request" && response.headers["x-request-id"] == "the-request")
    #expect(response.headers["access-control-allow-origin"] == "https://app.example")
    #expect(response.headers["x-a"] == nil, "the headers of the streamed response are not sent")
    #expect(!String(decoding: response.bytes, as: UTF8.self).contains("secret"))
    let logged = lines.withLock { $0 }
    #expect(logged.count == 1)
    #expect(logged.first?.contains("BrokenStream") == true && logged.first?.contains("the-request") == true)
  }

  @Test func failureInTheStreamKeepsItsCode() async throws {
    let response = try await answer(Self.router(["a"], error: Failure(.upstreamFailed, "no more")))
    #expect(response.status == 502)
    #expect(try JSON.decode(FailureBody.self, from: response.bytes).error.message == "no more")
  }

  @Test(arguments: [false, true]) func messageOfABatchFailsIfItsStreamFails(fails: Bool) async {
    let batch = #"{"Records":[{"messageId":"one","body":"{}"}]}"#
    let router = Self.router(["a"], error: fails ? BrokenStream() : nil)
    let reply = String(decoding: await Invocation.answer(to: Array(batch.utf8), router, .later), as: UTF8.self)
    #expect(reply == #"{"batchItemFailures":[\#(fails ? #"{"itemIdentifier":"one"}"# : "")]}"#)
  }
}
