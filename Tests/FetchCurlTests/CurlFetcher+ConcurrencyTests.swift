import Fetch
import Support
import Testing

/// Concurrent requests to a server without HTTP/2.
@Suite(.timeLimit(.minutes(1))) struct PlainHTTPConcurrency {
  /// libcurl can let a request wait for the connection of another one. Over plain HTTP this would be one request at a time.
  @Test(
    "requests to a plain HTTP server run at the same time",
    arguments: [
      ScriptedResponse(
        steps: [.pause(milliseconds: 500), .send(Array("HTTP/1.0 200 OK\r\n\r\nhello".utf8))]),
      ScriptedResponse(
        steps: [
          .pause(milliseconds: 500),
          .send(Array("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello".utf8)),
        ]),
      ScriptedResponse(
        steps: [
          .pause(milliseconds: 500), .send(Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".utf8)),
        ], keepsAlive: true),
    ])
  func plainHTTP(response: ScriptedResponse) async throws {
    let fetcher = makeLoopbackFetcher()
    try await withServer { _ in
      response
    } _: { server in
      // The number of connections that were open when a request was answered.
      let connections = try await withThrowingTaskGroup(of: Int.self) { group in
        for page in 0..<16 {
          group.addTask {
            try await expectSuccess(fetcher, FetchRequest(server.url("/\(page)")))
            return server.connections
          }
        }
        return try await group.reduce(into: [Int]()) { $0.append($1) }
      }
      #expect(try #require(connections.min()) >= 8)
    }
  }
}
