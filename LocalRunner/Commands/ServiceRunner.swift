import Invoking
import Logging
import ServiceLifecycle

/// Runs services until one of them ends or fails, or until the process receives a signal.
enum ServiceRunner {
  /// Runs the services, and shuts them down in the reverse order.
  ///
  /// SIGINT, SIGTERM and SIGHUP start a graceful shutdown; a second signal ends the process at once. Functions that are
  /// still running when the services have ended are killed.
  ///
  /// - Returns: the signal that ended the services, or nil if a service ended by itself.
  static func run(_ services: [any Service]) async throws -> Int32? {
    var logger = Logger(label: "services") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .error
    let services = ServiceGroup(
      configuration: .init(
        services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
        logger: logger))
    let signals = TerminationSignals.first()
    return try await withThrowingTaskGroup(of: Event.self) { group in
      defer {
        group.cancelAll()
        RunningGroups.endAll()
      }
      group.addTask {
        try await services.run()
        return .end
      }
      group.addTask {
        for await signal in signals {
          await services.triggerGracefulShutdown()
          return .signal(signal)
        }
        return .noSignal
      }
      var received: Int32?
      for try await event in group {
        switch event {
        case .signal(let signal): received = signal
        case .end: return received
        case .noSignal: break
        }
      }
      return received
    }
  }

  private enum Event: Sendable {
    case signal(Int32)
    case noSignal
    case end
  }
}
