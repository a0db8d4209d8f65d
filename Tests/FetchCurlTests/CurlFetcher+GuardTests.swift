import Fetch
import FetchCurl
import Synchronization
import Testing

/// Where crawls may go.
@Suite(.timeLimit(.minutes(1))) struct CurlGuard {
  @Test(
    "a crawl does not dial loopback, however it is spelled",
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
      let closed = Fetcher.curl(guard: AddressGuard(opened: []), userAgent: "TestAgent/1.0")
      await expectFailure(.forbiddenAddress) { try await closed.fetch(FetchRequest("http://\(host):\(server.port)/")) }
      await expectFailure(.forbiddenAddress) { try await closed.fetch(FetchRequest("http://\(host)/")) }
      #expect(server.requests.isEmpty)
    }
  }

  @Test("a public address is not dialled on another port")
  func port() async {
    let closed = Fetcher.curl(guard: AddressGuard(opened: []), userAgent: "TestAgent/1.0")
    await expectFailure(.forbiddenAddress) { try await closed.fetch(FetchRequest("http://192.31.196.1:8080/")) }
  }

  @Test(
    "nor one of a cloud's own addresses",
    arguments: [
      "169.254.169.254", "[::ffff:169.254.169.254]", "169.254.170.2", "100.100.100.200", "192.0.0.192", "168.63.129.16",
      "[fd00:ec2::254]", "2852039166",
    ])
  func metadata(host: String) async {
    let closed = Fetcher.curl(guard: AddressGuard(opened: []), userAgent: "TestAgent/1.0")
    await expectFailure(.forbiddenAddress) { try await closed.fetch(FetchRequest("http://\(host)/latest/meta-data/")) }
  }

  @Test("a crawl tells nobody a name and a password, and what is configured may")
  func credentials() async throws {
    try await withServer { _ in
      .response()
    } _: { server in
      let url = "http://name:word@127.0.0.1:\(server.port)/"
      await expectFailure(.malformedResponse) { try await opened.fetch(FetchRequest(url)) }
      #expect(server.requests.isEmpty)
      try await expectSuccess(opened, FetchRequest(url, kind: .configured))
      #expect(try #require(server.requests.first).contains("Authorization: Basic"))
    }
  }

  @Test("a name is asked about at every dial, so that one whose answer changes gains nothing")
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
        // A fetcher of its own, for each remembers names for a minute.
        let fetcher = Fetcher.curl(guard: AddressGuard(opened: [network]), userAgent: "TestAgent/1.0")
        let request = FetchRequest("http://\(name):\(server.port)/\(turn)")
        if answer.contains("127.0.0.1") {
          try await expectSuccess(fetcher, request)
        } else {
          await expectFailure(.forbiddenAddress) { try await fetcher.fetch(request) }
        }
      }
      #expect(server.requests.map { $0.prefix(6) } == ["GET /0", "GET /3"])
    }
  }

  @Test("an opened port is dialled, and its neighbour is not")
  func openedPort() async throws {
    try await withServer { _ in
      .response()
    } _: { server in
      try await withServer { _ in
        .response()
      } _: { neighbour in
        let network = try #require(IPNetwork("127.0.0.1/32:\(server.port)"))
        let fetcher = Fetcher.curl(guard: AddressGuard(opened: [network]), userAgent: "TestAgent/1.0")
        try await expectSuccess(fetcher, FetchRequest(server.url()))
        await expectFailure(.forbiddenAddress) { try await fetcher.fetch(FetchRequest(neighbour.url())) }
        #expect(neighbour.requests.isEmpty)
      }
    }
  }

  @Test("what the operator configured is dialled anywhere, and no crawl uses the connection that it left open")
  func configured() async throws {
    try await withServer { _ in
      .response()
    } _: { server in
      let fetcher = Fetcher.curl(guard: AddressGuard(opened: []), userAgent: "TestAgent/1.0")
      try await expectSuccess(fetcher, FetchRequest(server.url("/configured"), kind: .configured))
      await expectFailure(.forbiddenAddress) { try await fetcher.fetch(FetchRequest(server.url("/crawl"))) }
      #expect(server.requests.count == 1)
    }
  }
}

/// Many fetches, and fetches that nobody waits for any more.
@Suite(.timeLimit(.minutes(1))) struct CurlConcurrency {
  @Test("64 fetches at once each get their own answer")
  func many() async throws {
    try await withServer { request in
      .response(body: Array(request.prefix { $0 != "\r\n" }.utf8))
    } _: { server in
      let bodies = try await withThrowingTaskGroup(of: String.self) { group in
        for number in 0..<64 {
          group.addTask {
            String(decoding: try await opened.fetch(FetchRequest(server.url("/\(number)"))).body, as: UTF8.self)
          }
        }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(bodies == Set((0..<64).map { "GET /\($0) HTTP/1.1" }))
      #expect(server.requests.count == 64)
    }
  }

  @Test("64 silent servers are waited for at once, not in turn")
  func manySilent() async throws {
    try await withServer { _ in
      .init(steps: [.pause(milliseconds: 3_000)])
    } _: { server in
      let codes = await withTaskGroup(of: FetchError.Code?.self) { group in
        for _ in 0..<64 {
          group.addTask {
            let request = FetchRequest(server.url(), limits: FetchLimits(bytes: 100, duration: .seconds(2)))
            do throws(FetchError) { _ = try await opened.fetch(request) } catch { return error.code }
            return nil
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(codes == Array(repeating: .timedOut, count: 64))
    }
  }

  @Test("a connection is kept for the next fetch")
  func keepsAlive() async throws {
    let fetcher = openedFetcher()
    let ports = try await withServer { _ in
      .response()
    } _: { server in
      for _ in 0..<5 { try await expectSuccess(fetcher, FetchRequest(server.url())) }
      return server.connections
    }
    #expect(ports == 1)
  }

  @Test("what a response has too much is no part of the next one, which is asked for again on a connection of its own")
  func excess() async throws {
    let fetcher = openedFetcher()
    let asked = Mutex(0)
    try await withServer { request in
      guard request.hasPrefix("GET /next") else { return .response() }
      // What the first response had too much arrives when the connection is in use again.
      let isFirst = asked.withLock { asked in
        asked += 1
        return asked == 1
      }
      return isFirst
        ? .text("and more\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlost") : .response(body: Array("next".utf8))
    } _: { server in
      try await expectSuccess(fetcher, FetchRequest(server.url("/first")))
      #expect(try await fetcher.fetch(FetchRequest(server.url("/next"))).body == Array("next".utf8))
      #expect(server.connections == 2)
    }
  }

  @Test("a server that talks nonsense on a new connection is not asked again")
  func nonsense() async throws {
    try await withServer { _ in
      .text("and more\r\n")
    } _: { server in
      await expectFailure(.malformedResponse) { try await openedFetcher().fetch(FetchRequest(server.url())) }
      #expect(server.requests.count == 1)
    }
  }

  @Test("a cancelled task is answered at once, and the fetcher goes on")
  func cancellation() async throws {
    try await withServer {
      $0.hasPrefix("GET /slow") ? .init(steps: [.pause(milliseconds: 10_000)]) : .response()
    } _: { server in
      let slow = Task { try await opened.fetch(FetchRequest(server.url("/slow"))) }
      while server.requests.isEmpty { await Task.yield() }
      slow.cancel()
      await expectFailure(.cancelled) { try await slow.value }
      try await expectSuccess(opened, FetchRequest(server.url("/")))
    }
  }

  @Test("a task that was cancelled before it fetches is told so")
  func cancelledBefore() async throws {
    try await withServer { _ in
      .init(steps: [.pause(milliseconds: 500)])
    } _: { server in
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<100 {
          group.addTask {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            await expectFailure(.cancelled) { try await opened.fetch(FetchRequest(server.url())) }
          }
        }
      }
    }
  }
}
