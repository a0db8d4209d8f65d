import Fetch
import FetchCurl
import Support
import Testing

/// How responses are parsed and limited.
@Suite(.timeLimit(.minutes(1))) struct CurlResponses {
  @Test(
    "status, headers and body are returned as sent",
    arguments: ["200 OK", "204 No Content", "404 Not Found", "503 Service Unavailable"])
  func response(status: String) async throws {
    let body = status.hasPrefix("204") ? [] : Array("hello".utf8)
    let response = try await fetch(.response(status, headers: ["X-One: a b ", "x-EMPTY:"], body: body))
    #expect(response.status == Int(status.prefix(3)))
    #expect(response.headers["x-one"] == "a b")
    #expect(response.headers["x-empty"] == "")
    #expect(response.headers["content-length"] == "\(body.count)")
    #expect(response.body == body)
    #expect(!response.isTruncated)
    #expect(response.bytesReceived == body.count)
  }

  @Test("RFC 9110, section 5.3: headers with the same name are joined by a comma")
  func joinedHeaders() async throws {
    let response = try await fetch(.response(headers: ["Link: <a>", "X: y", "LINK: <b>, <c>"]))
    #expect(response.headers["link"] == "<a>, <b>, <c>")
  }

  @Test("if a header is repeated ten thousand times, only the first ones are joined")
  func repeatedHeaders() async throws {
    let response = try await fetch(.response(headers: (0..<10_000).map { "a: \($0)" } + ["B: last"]))
    #expect(response.status == 200)
    #expect(try #require(response.headers["a"]).hasPrefix("0, 1, 2, 3, "))
    #expect(try #require(response.headers["a"]).utf8.count <= 16_384 + 2)
    #expect(response.headers["b"] == "last")
  }

  @Test("RFC 9110, section 15.2: headers of an informational response are not part of the final response")
  func informational() async throws {
    let response = try await fetch(
      .text("HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    #expect(response.status == 200)
    #expect(response.headers["link"] == nil)
    #expect(response.body == Array("ok".utf8))
  }

  @Test(
    "a body may be chunked or end with the connection",
    arguments: [
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
      "HTTP/1.0 200 OK\r\n\r\nhello",
    ])
  func framing(text: String) async throws {
    #expect(try await fetch(.text(text)).body == Array("hello".utf8))
  }

  @Test("a redirect is returned and not followed", arguments: [301, 302, 303, 307, 308])
  func redirects(status: Int) async throws {
    try await withServer { _ in
      .response("\(status) Moved", headers: ["Location: /elsewhere"])
    } _: { server in
      let response = try await loopbackFetcher.fetch(FetchRequest(server.url()))
      #expect(response.status == status)
      #expect(response.headers["location"] == "/elsewhere")
      #expect(server.requests.count == 1)
    }
  }

  @Test("a request is sent with its method, headers, body and user agent")
  func request() async throws {
    try await withServer { _ in
      .response()
    } _: { server in
      _ = try await loopbackFetcher.fetch(
        FetchRequest(server.url("/a?b=c"), method: "PUT", headers: ["X-Test": "yes"], body: Array("data\0more".utf8)))
      let request = try #require(server.requests.first).text
      #expect(request.hasPrefix("PUT /a?b=c HTTP/1.1\r\n"))
      #expect(request.contains("X-Test: yes\r\n"))
      #expect(request.contains("User-Agent: TestAgent/1.0\r\n"))
      #expect(request.contains("Content-Length: 9\r\n"))
      #expect(request.hasSuffix("\r\n\r\ndata\0more"))
    }
  }

  @Test("a response to HEAD has no body, even with a Content-Length")
  func head() async throws {
    let response = try await fetch(.text("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")) { $0.method = "HEAD" }
    #expect(response.status == 200)
    #expect(response.body.isEmpty)
  }

  // MARK: Limits

  @Test(
    "a body longer than its limit is truncated",
    arguments: [(9, true), (10, false), (11, false), (0, true)])
  func limit(bytes: Int, isTruncated: Bool) async throws {
    let response = try await fetch(.response(body: Array("0123456789".utf8))) { $0.limits.bytes = bytes }
    #expect(response.status == 200)
    #expect(response.body == Array("0123456789".utf8.prefix(bytes)))
    #expect(response.isTruncated == isTruncated)
  }

  @Test("an endless body is truncated at the limit")
  func endless() async throws {
    let chunk = Array("1000\r\n".utf8) + Array(repeating: 0x61, count: 4096) + Array("\r\n".utf8)
    let head = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    let response = try await fetch(.init(steps: [.send(head), .flood(chunk, times: .max)])) {
      $0.limits.bytes = 100_000
    }
    #expect(response.isTruncated)
    #expect(response.body == Array(repeating: 0x61, count: 100_000))
  }

  @Test("gzip is requested and decompressed")
  func gzip() async throws {
    try await withServer { _ in
      .response(headers: ["Content-Encoding: gzip"], body: gzippedHello)
    } _: { server in
      let response = try await loopbackFetcher.fetch(FetchRequest(server.url()))
      #expect(response.body == Array("hello hello hello hello".utf8))
      #expect(response.bytesReceived == gzippedHello.count)
      #expect(try #require(server.requests.first).text.contains("gzip"))
    }
  }

  @Test("a gzip bomb is truncated at the limit")
  func gzipBombIsTruncated() async throws {
    let response = try await fetch(.response(headers: ["Content-Encoding: gzip"], body: gzipBomb(matches: 40_000))) {
      $0.limits.bytes = 1 << 20
    }
    #expect(response.isTruncated)
    #expect(response.body.count == 1 << 20)
    #expect(response.bytesReceived < 1 << 17)
  }

  @Test("a body that is not valid gzip is malformed")
  func brokenGzip() async {
    await expectFailure(.malformedResponse) {
      try await fetch(.response(headers: ["Content-Encoding: gzip"], body: Array("hello".utf8)))
    }
  }
}

/// Fetches that fail, and their error codes.
@Suite(.timeLimit(.minutes(1))) struct CurlFailures {
  @Test("a refused connection fails with connectionFailed")
  func refused() async throws {
    let server = try ScriptedServer { _ in .response() }
    let url = server.url()
    server.stop()
    // The port stays open until the accepting thread has closed the listener.
    await expectFailure(.connectionFailed) {
      for _ in 0..<1000 { _ = try await loopbackFetcher.fetch(FetchRequest(url)) }
    }
  }

  @Test(
    "a connection that closes before or within the head or body, or an invalid response, fails",
    arguments: [
      ("", FetchError.Code.connectionFailed),
      ("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhello", .malformedResponse),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", .malformedResponse),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello", .connectionFailed),
      ("220 mail.example.com ESMTP\r\n", .malformedResponse),
      ("\u{1}\u{2}\u{3}", .malformedResponse),
    ])
  func broken(text: String, code: FetchError.Code) async {
    await expectFailure(code) { try await fetch(.text(text)) }
  }

  @Test(
    "a server that stops sending before or within the head or body times out",
    arguments: [
      "", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
    ])
  func silent(text: String) async {
    await expectFailure(.timedOut) {
      try await fetch(.init(steps: [.send(Array(text.utf8)), .pause(milliseconds: 5_000)])) {
        $0.limits.duration = .milliseconds(300)
      }
    }
  }

  @Test("endless headers fail")
  func endlessHeaders() async {
    await expectFailure(.connectionFailed) {
      try await fetch(
        .init(steps: [
          .send(Array("HTTP/1.1 200 OK\r\n".utf8)),
          .flood(Array("X: \(String(repeating: "y", count: 1000))\r\n".utf8), times: .max),
        ]))
    }
  }

  @Test("an unknown host fails with unresolvedHost", arguments: ["http://nobody.invalid/"])
  func unresolved(url: String) async {
    await expectFailure(.unresolvedHost) { try await loopbackFetcher.fetch(FetchRequest(url)) }
  }

  @Test(
    "only http and https URLs are accepted",
    arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "dict://127.0.0.1/"])
  func schemes(url: String) async {
    await expectFailure(.malformedResponse) { try await loopbackFetcher.fetch(FetchRequest(url, kind: .configured)) }
  }
}
