import Contract
import Fetch
import FetchCurl
import Invoking
import Logging
import ServiceLifecycle
import Testing

@testable import Gateway

/// The gateway on a port of this machine, with a scripted invoker instead of functions.
struct GatewayServiceTests {
  /// Serves during `body`, which receives the gateway's origin and its service group.
  private static func serving(
    _ invoker: some Invoker, _ body: @escaping @Sendable (String, ServiceGroup) async throws -> Void
  ) async throws {
    let (ports, onRunning) = AsyncStream.makeStream(of: Int.self)
    let gateway = Gateway(
      EventDispatcher(invoker, limit: 10, log: { _ in }),
      HTTPTranslation(trustedProxies: try TrustedProxies(Environment([:]))), host: "127.0.0.1", port: 0
    ) { onRunning.yield($0) }
    let services = ServiceGroup(services: [gateway], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await services.run() }
      for await port in ports {
        try await body("http://127.0.0.1:\(port)", services)
        break
      }
      await services.triggerGracefulShutdown()
      try await group.waitForAll()
    }
  }

  private static let fetcher = Fetcher.curl(guard: AddressGuard(allowing: []), userAgent: "test")

  @Test("a request becomes an event and the function's response an HTTP response")
  func requestAndResponse() async throws {
    let invoker = ScriptedInvoker { function, input throws(InvocationError) in
      let event = try? JSON.decode(Event.self, from: input)
      return .response(
        Response(
          status: 418, headers: ["x-function": function.rawValue, "x-source": event?.sourceIP ?? ""],
          bytes: event?.body.reversed() ?? []))
    }
    try await Self.serving(invoker) { origin, _ in
      let response = try await Self.fetcher.fetch(
        FetchRequest("\(origin)/generate?a=b", kind: .configured, method: "POST", body: [1, 0, 255]))
      #expect(response.status == 418)
      #expect(response.headers["x-function"] == "generate")
      #expect(response.headers["x-source"] == "127.0.0.1")
      #expect(response.body == [255, 0, 1])
    }
  }

  @Test("a streamed response is sent in chunks, without a length")
  func streamedResponse() async throws {
    let invoker = ScriptedInvoker { _, _ throws(InvocationError) in
      .response(Response(status: 200, headers: ["x-a": "1"], body: .stream(Self.pieces(["one ", "", "two"]))))
    }
    try await Self.serving(invoker) { origin, _ in
      let response = try await Self.fetcher.fetch(FetchRequest("\(origin)/usage", kind: .configured))
      #expect(response.status == 200 && response.headers["x-a"] == "1")
      #expect(response.body == Array("one two".utf8))
      #expect(response.headers["transfer-encoding"] == "chunked" && response.headers["content-length"] == nil)
    }
  }

  @Test("a stream that fails closes the connection, and the client sees an incomplete response")
  func failedStream() async throws {
    struct BrokenStream: Error {}
    let invoker = ScriptedInvoker { _, input throws(InvocationError) in
      let event = try? JSON.decode(Event.self, from: input)
      let error: (any Error)? = event?.rawQueryString == "fails" ? BrokenStream() : nil
      return .response(Response(status: 200, body: .stream(Self.pieces(["one"], error: error))))
    }
    try await Self.serving(invoker) { origin, _ in
      await #expect(throws: FetchError.self) {
        try await Self.fetcher.fetch(FetchRequest("\(origin)/usage?fails", kind: .configured))
      }
      let next = try await Self.fetcher.fetch(FetchRequest("\(origin)/usage", kind: .configured))
      #expect(next.body == Array("one".utf8), "the gateway serves further requests")
    }
  }

  private static func pieces(_ pieces: [String], error: (any Error)? = nil) -> AsyncThrowingStream<[UInt8], any Error> {
    AsyncThrowingStream { continuation in
      for piece in pieces { continuation.yield(Array(piece.utf8)) }
      continuation.finish(throwing: error)
    }
  }

  @Test("a graceful shutdown completes the request that is running")
  func gracefulShutdown() async throws {
    let (started, onStart) = AsyncStream.makeStream(of: Void.self)
    let invoker = ScriptedInvoker { _, _ throws(InvocationError) in
      onStart.yield()
      try? await Task.sleep(for: .milliseconds(500))
      return .response(Response(status: 200, bytes: Array("complete".utf8)))
    }
    try await Self.serving(invoker) { origin, services in
      async let response = Self.fetcher.fetch(FetchRequest("\(origin)/usage", kind: .configured))
      for await _ in started { break }
      await services.triggerGracefulShutdown()
      let body = try await response.body
      #expect(body == Array("complete".utf8))
    }
  }
}
