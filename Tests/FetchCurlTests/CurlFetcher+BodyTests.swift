import Fetch
import FetchCurl
import Support
import Synchronization
import Testing

/// Response bodies that are streamed to ``FetchRequest/onBody``.
@Suite(.timeLimit(.minutes(1))) struct CurlBodies {
  private final class Pieces: Sendable {
    let list = Mutex<[[UInt8]]>([])
    var bytes: [UInt8] { list.withLock { $0.flatMap(\.self) } }
    var count: Int { list.withLock { $0.count } }
  }

  @Test(
    "a body is passed to onBody in pieces and in order, and the response's body is empty", arguments: [true, false])
  func streams(isCompressed: Bool) async throws {
    let pieces = Pieces()
    let body = isCompressed ? gzippedHello : (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    let response = try await fetch(.response(headers: isCompressed ? ["Content-Encoding: gzip"] : [], body: body)) {
      request in
      request.onBody = { piece in
        pieces.list.withLock { $0.append(piece) }
        return true
      }
    }
    #expect(response.status == 200)
    #expect(response.body.isEmpty)
    #expect(pieces.bytes == (isCompressed ? Array("hello hello hello hello".utf8) : body))
    #expect(isCompressed || pieces.count > 1)
  }

  @Test(
    "a body with a status other than 2xx is not passed to onBody",
    arguments: ["302 Found", "404 Not Found", "500 Internal Server Error"])
  func otherStatus(status: String) async throws {
    let response = try await fetch(.response(status, body: Array("no".utf8))) { request in
      request.onBody = { _ in
        Issue.record("onBody was called")
        return true
      }
    }
    #expect(response.body == Array("no".utf8))
  }

  @Test("if onBody returns false, the transfer ends without an error")
  func bodyRefused() async throws {
    let flood = ScriptedResponse(steps: [
      .send(Array("HTTP/1.1 200 OK\r\n\r\n".utf8)), .flood(Array(repeating: 65, count: 10_000), times: 100_000),
    ])
    let response = try await fetch(flood) { $0.onBody = { _ in false } }
    #expect(response.isTruncated)
    #expect(response.status == 200)
  }

  @Test("the size limit also applies to a body that is passed to onBody")
  func limit() async throws {
    let pieces = Pieces()
    let flood = ScriptedResponse(steps: [
      .send(Array("HTTP/1.1 200 OK\r\n\r\n".utf8)), .flood(Array(repeating: 65, count: 10_000), times: 100_000),
    ])
    let response = try await fetch(flood) { request in
      request.limits.bytes = 100_001
      request.onBody = { piece in
        pieces.list.withLock { $0.append(piece) }
        return true
      }
    }
    #expect(response.isTruncated)
    #expect(pieces.bytes.count == 100_001)
  }
}
