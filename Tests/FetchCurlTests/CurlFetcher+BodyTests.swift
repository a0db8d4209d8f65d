import Fetch
import FetchCurl
import Synchronization
import Testing

/// Bodies that are taken as they arrive.
@Suite(.timeLimit(.minutes(1))) struct CurlBodies {
  private final class Pieces: Sendable {
    let list = Mutex<[[UInt8]]>([])
    var bytes: [UInt8] { list.withLock { $0.flatMap(\.self) } }
    var count: Int { list.withLock { $0.count } }
  }

  @Test("the body goes to the sink in order and in pieces, and not into the response", arguments: [true, false])
  func streams(isPacked: Bool) async throws {
    let pieces = Pieces()
    let body = isPacked ? packedHello : (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    let response = try await fetch(.response(headers: isPacked ? ["Content-Encoding: gzip"] : [], body: body)) {
      request in
      request.onBody = { piece in
        pieces.list.withLock { $0.append(piece) }
        return true
      }
    }
    #expect(response.status == 200)
    #expect(response.body.isEmpty)
    #expect(pieces.bytes == (isPacked ? Array("hello hello hello hello".utf8) : body))
    #expect(isPacked || pieces.count > 1)
  }

  @Test("only what succeeded goes to the sink", arguments: ["302 Found", "404 Not Found", "500 Internal Server Error"])
  func otherStatus(status: String) async throws {
    let response = try await fetch(.response(status, body: Array("no".utf8))) { request in
      request.onBody = { _ in
        Issue.record("the sink was called")
        return true
      }
    }
    #expect(response.body == Array("no".utf8))
  }

  @Test("a sink that has had enough ends the transfer, which is no failure")
  func enough() async throws {
    let flood = TestServer.Answer(steps: [
      .send(Array("HTTP/1.1 200 OK\r\n\r\n".utf8)), .flood(Array(repeating: 65, count: 10_000), times: 100_000),
    ])
    let response = try await fetch(flood) { $0.onBody = { _ in false } }
    #expect(response.isTruncated)
    #expect(response.status == 200)
  }

  @Test("the limit holds for what went to the sink")
  func limit() async throws {
    let pieces = Pieces()
    let flood = TestServer.Answer(steps: [
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
