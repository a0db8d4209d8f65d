import Fetch
import FetchCurl
import Support
import Synchronization
import Testing

/// The addresses that the fetcher connects to.
@Suite(.timeLimit(.minutes(1))) struct CurlGuard {
  @Test(
    "a crawl does not connect to loopback, in any spelling",
    arguments: [
      "127.0.0.1", "localhost", "LOCALHOST", "127.1", "0x7f.1", "0x7f000001", "0177.0.0.1", "017700000001",
      "2130706433", "127.255.255.254",
      "0", "0.0.0.0", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
      "[64:ff9b::127.0.0.1]", "[2002:7f00:1::1]", "[::]",
      "%31%32%37.0.0.1",
    ])
  func loopback(host: String) async throws {
    try await withServer { _ in
      .response()
    } _: { server in
      let publicFetcher = Fetcher.curl(guard: AddressGuard(allowing: []), userAgent: "TestAgent/1.0")
      await expectFailure(.forbiddenAddress) {
        try await publicFetcher.fetch(FetchRequest("http://\(host):\(server.port)/"))
      }
      await expectFailure(.forbiddenAddress) { try await publicFetcher.fetch(FetchRequest("http://\(host)/")) }
      #expect(server.requests.isEmpty)
    }
  }

  @Test("a crawl does not connect to a port other than 80 and 443")
  func port() async {
    let publicFetcher = Fetcher.curl(guard: AddressGuard(allowing: []), userAgent: "TestAgent/1.0")
    await expectFailure(.forbiddenAddress) { try await publicFetcher.fetch(FetchRequest("http://192.31.196.1:8080/")) }
  }

  @Test(
    "a crawl does not connect to a cloud's metadata address",
    arguments: [
      "169.254.169.254", "[::ffff:169.254.169.254]", "169.254.170.2", "100.100.100.200", "192.0.0.192", "168.63.129.16",
      "[fd00:ec2::254]", "2852039166",
    ])
  func metadata(host: String) async {
    let publicFetcher = Fetcher.curl(guard: AddressGuard(allowing: []), userAgent: "TestAgent/1.0")
    await expectFailure(.forbiddenAddress) {
      try await publicFetcher.fetch(FetchRequest("http://\(host)/latest/meta-data/"))
    }
  }

  @Test("a crawl rejects a URL with credentials; a configured fetch sends them")
  func credentials() async throws {
    try await withServer { _ in
      .response()
    } _: { server in
      let url = "http://name:word@127.0.0.1:\(server.port)/"
      await expectFailure(.malformedResponse) { try await loopbackFetcher.fetch(FetchRequest(url)) }
      #expect(server.requests.isEmpty)
      try await expectSuccess(loopbackFetcher, FetchRequest(url, kind: .configured))
      #expect(try #require(server.requests.first).text.contains("Authorization: Basic"))
    }
  }

  @Test("the address is checked on every connection, so DNS rebinding has no effect")
  func changingName() async throws {
    try await withServer { _ in
      .response(headers: ["Connection: close"])
    } _: { server in
      let network = try #require(IPNetwork("127.0.0.1/32:\(server.port)"))
      let name = "changing-\(server.port).\(ChangingNames.domain)"
      for (turn, answer) in [
        ["127.0.0.1"], ["127.0.0.2"], ["::1", "0.0.0.0", "127.0.0.2"], ["127.0.0.2", "127.0.0.1"],
      ].enumerated() {
        ChangingNames.answers.withLock { $0[name] = answer }
        // Use a new fetcher each time, because libcurl caches names for a minute.
        let fetcher = Fetcher.curl(guard: AddressGuard(allowing: [network]), userAgent: "TestAgent/1.0")
        let request = FetchRequest("http://\(name):\(server.port)/\(turn)")
        if answer.contains("127.0.0.1") {
          try await expectSuccess(fetcher, request)
        } else {
          await expectFailure(.forbiddenAddress) { try await fetcher.fetch(request) }
        }
      }
      #expect(server.requests.map { $0.text.prefix(6) } == ["GET /0", "GET /3"])
    }
  }

  @Test("only the allowed port of an address is contacted")
  func allowedPort() async throws {
    try await withServer { _ in
      .response()
    } _: { server in
      try await withServer { _ in
        .response()
      } _: { otherServer in
        let network = try #require(IPNetwork("127.0.0.1/32:\(server.port)"))
        let fetcher = Fetcher.curl(guard: AddressGuard(allowing: [network]), userAgent: "TestAgent/1.0")
        try await expectSuccess(fetcher, FetchRequest(server.url()))
        await expectFailure(.forbiddenAddress) { try await fetcher.fetch(FetchRequest(otherServer.url())) }
        #expect(otherServer.requests.isEmpty)
      }
    }
  }

  @Test("a configured fetch may connect anywhere, and a crawl does not reuse its connection")
  func configured() async throws {
    try await withServer { _ in
      .response()
    } _: { server in
      let fetcher = Fetcher.curl(guard: AddressGuard(allowing: []), userAgent: "TestAgent/1.0")
      try await expectSuccess(fetcher, FetchRequest(server.url("/configured"), kind: .configured))
      await expectFailure(.forbiddenAddress) { try await fetcher.fetch(FetchRequest(server.url("/crawl"))) }
      #expect(server.requests.count == 1)
    }
  }
}

/// Concurrent and cancelled fetches, and reuse of connections.
@Suite(.timeLimit(.minutes(1))) struct CurlConcurrency {
  @Test("64 concurrent fetches each get their own response")
  func many() async throws {
    try await withServer { request in
      .response(body: Array(request.prefix { $0 != "\r\n" }.utf8))
    } _: { server in
      let bodies = try await withThrowingTaskGroup(of: String.self) { group in
        for number in 0..<64 {
          group.addTask {
            String(
              decoding: try await loopbackFetcher.fetch(FetchRequest(server.url("/\(number)"))).body, as: UTF8.self)
          }
        }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(bodies == Set((0..<64).map { "GET /\($0) HTTP/1.1" }))
      #expect(server.requests.count == 64)
    }
  }

  @Test("64 silent servers time out concurrently")
  func manySilent() async throws {
    try await withServer { _ in
      .init(steps: [.pause(milliseconds: 3_000)])
    } _: { server in
      let codes = await withTaskGroup(of: FetchError.Code?.self) { group in
        for _ in 0..<64 {
          group.addTask {
            let request = FetchRequest(server.url(), limits: FetchLimits(bytes: 100, duration: .seconds(2)))
            do throws(FetchError) { _ = try await loopbackFetcher.fetch(request) } catch { return error.code }
            return nil
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(codes == Array(repeating: .timedOut, count: 64))
    }
  }

  @Test("a connection is reused for the next fetch")
  func keepsAlive() async throws {
    let fetcher = makeLoopbackFetcher()
    let connections = try await withServer { _ in
      .response()
    } _: { server in
      for _ in 0..<5 { try await expectSuccess(fetcher, FetchRequest(server.url())) }
      return server.connections
    }
    #expect(connections == 1)
  }

  @Test("extra bytes after a response do not become part of the next one, which is fetched again on a new connection")
  func excess() async throws {
    let fetcher = makeLoopbackFetcher()
    let attempts = Mutex(0)
    try await withServer { request in
      guard request.hasPrefix("GET /next") else { return .response() }
      // The extra bytes of the first response arrive when the connection is reused.
      let isFirst = attempts.withLock { attempts in
        attempts += 1
        return attempts == 1
      }
      return isFirst
        ? .text("and more\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlost") : .response(body: Array("next".utf8))
    } _: { server in
      try await expectSuccess(fetcher, FetchRequest(server.url("/first")))
      #expect(try await fetcher.fetch(FetchRequest(server.url("/next"))).body == Array("next".utf8))
      #expect(server.connections == 2)
    }
  }

  @Test("an invalid response on a new connection is not retried")
  func invalidResponse() async throws {
    try await withServer { _ in
      .text("and more\r\n")
    } _: { server in
      await expectFailure(.malformedResponse) { try await makeLoopbackFetcher().fetch(FetchRequest(server.url())) }
      #expect(server.requests.count == 1)
    }
  }

  @Test("a cancelled fetch ends at once, and the fetcher still works")
  func cancellation() async throws {
    try await withServer {
      $0.hasPrefix("GET /slow") ? .init(steps: [.pause(milliseconds: 10_000)]) : .response()
    } _: { server in
      let slow = Task { try await loopbackFetcher.fetch(FetchRequest(server.url("/slow"))) }
      while server.requests.isEmpty { await Task.yield() }
      slow.cancel()
      await expectFailure(.cancelled) { try await slow.value }
      try await expectSuccess(loopbackFetcher, FetchRequest(server.url("/")))
    }
  }

  @Test("a fetch in a cancelled task fails with cancelled")
  func cancelledBefore() async throws {
    try await withServer { _ in
      .init(steps: [.pause(milliseconds: 500)])
    } _: { server in
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<100 {
          group.addTask {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            await expectFailure(.cancelled) { try await loopbackFetcher.fetch(FetchRequest(server.url())) }
          }
        }
      }
    }
  }
}
