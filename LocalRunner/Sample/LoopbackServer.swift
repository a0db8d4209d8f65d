import Hummingbird
import Logging

/// An HTTP server on 127.0.0.1 that runs as long as a function.
struct LoopbackServer: Sendable {
  /// 0 selects a free port.
  var port = 0
  let respond: @Sendable (Hummingbird.Request) -> Hummingbird.Response

  /// Serves while `body` runs.
  ///
  /// - Parameter body: receives the URL of the server's home page, which ends with a slash.
  func serving<Value: Sendable>(_ body: @escaping @Sendable (String) async throws -> Value) async throws -> Value {
    let (ports, announce) = AsyncStream.makeStream(of: Int.self)
    var logger = Logger(label: "site")
    logger.logLevel = .critical
    let application = Application(
      responder: CallbackResponder { [respond] (request: Hummingbird.Request, _: BasicRequestContext) in
        respond(request)
      },
      configuration: .init(address: .hostname("127.0.0.1", port: port), serverName: nil),
      onServerRunning: { announce.yield($0.localAddress?.port ?? 0) }, logger: logger)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        defer { announce.finish() }
        try await application.run()
        return nil
      }
      for await port in ports { return try await body("http://127.0.0.1:\(port)/") }
      try await group.waitForAll()
      throw CancellationError()
    }
  }
}
