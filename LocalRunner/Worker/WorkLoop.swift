import ServiceLifecycle

/// Repeats a step of work until the process shuts down, or until no work is due.
struct WorkLoop: Sendable {
  /// Whether to end when no work is due, and at the first error.
  let isDraining: Bool
  /// The pause after an error.
  var errorPause = Duration.seconds(5)
  let log: @Sendable (String) -> Void

  /// - Parameters:
  ///   - pause: the time to wait when no work is due.
  ///   - step: performs the next piece of work; returns false if none is due.
  func run(every pause: Duration = .seconds(1), _ step: @Sendable () async throws -> Bool) async throws {
    var lastError = ""
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      do {
        if try await step() { continue }
        if isDraining { return }
        lastError = ""
        try await Self.sleep(pause)
      } catch is CancellationError where Task.isShuttingDownGracefully {
        return
      } catch let error where !isDraining && !(error is CancellationError) {
        // A server that does not answer causes the same error again and again; it is logged once.
        if lastError != "\(error)" { log("worker: \(error); trying again every \(errorPause)") }
        lastError = "\(error)"
        try await Self.sleep(errorPause)
      }
    }
  }

  /// Waits; a graceful shutdown ends the wait early.
  private static func sleep(_ duration: Duration) async throws {
    do {
      try await cancelWhenGracefulShutdown { try await Task.sleep(for: duration) }
    } catch is CancellationError where Task.isShuttingDownGracefully {}
  }
}
