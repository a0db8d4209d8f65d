import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Handles SIGINT, SIGTERM and SIGHUP. A later call of ``endProcess(after:)`` or ``first()`` replaces an earlier one.
///
/// A signal handler may do very little, because it can interrupt a thread that holds a lock. It writes the signal's
/// number to a pipe; a thread reads the pipe and does the work.
package enum TerminationSignals {
  private static let action = Mutex<@Sendable (Int32) -> Void>({ _ in })

  /// Kills all running functions on the first signal and exits with 128 plus its number.
  ///
  /// - Parameter cleanUp: runs before the exit.
  package static func endProcess(after cleanUp: @escaping @Sendable () -> Void = {}) {
    observe { signal in
      RunningGroups.endAll()
      cleanUp()
      _exit(128 + signal)
    }
  }

  /// Reports the first signal, so that the process can shut down gracefully.
  ///
  /// The second signal kills all running functions and exits with 128 plus its number.
  package static func first() -> AsyncStream<Int32> {
    let (signals, continuation) = AsyncStream.makeStream(of: Int32.self)
    observe { signal in
      // The stream ends with the first signal, so every later one is rejected.
      if case .enqueued = continuation.yield(signal) {
        continuation.finish()
      } else {
        RunningGroups.endAll()
        _exit(128 + signal)
      }
    }
    return signals
  }

  private static func observe(_ action: @escaping @Sendable (Int32) -> Void) {
    Self.action.withLock { $0 = action }
    _ = startThread
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { number in
        var byte = UInt8(number)
        unsafe write(signalPipe.write, &byte, 1)
      }
    }
  }

  /// Starts the thread that performs the action for each signal, when it is first used.
  private static let startThread: Void = {
    // A global is initialized at its first use, which must not happen in a signal handler.
    _ = signalPipe
    var thread = pthread_t()
    unsafe pthread_create(
      &thread, nil,
      { _ in
        while true {
          var signal: UInt8 = 0
          guard unsafe read(signalPipe.read, &signal, 1) == 1 else { continue }
          let action = TerminationSignals.action.withLock { $0 }
          action(Int32(signal))
        }
      }, nil)
    pthread_detach(thread)
  }()
}

/// The two ends of the pipe between the signal handler and the thread.
private let signalPipe: (read: Int32, write: Int32) = {
  var pair: [Int32] = [0, 0]
  unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair)
  return (pair[0], pair[1])
}()
