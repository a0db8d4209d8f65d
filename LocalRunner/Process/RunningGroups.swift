import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The process groups that are running, so that none outlives a runner that is told to end.
enum RunningGroups {
  private static let groups = Mutex<Set<pid_t>>([])

  /// Spawns a group and knows it at once: between the two nothing can be told to end.
  static func spawn<E: Error>(_ spawn: () throws(E) -> pid_t) throws(E) -> pid_t {
    let result: Result<pid_t, E> = groups.withLock { groups in
      do throws(E) {
        let group = try spawn()
        groups.insert(group)
        return .success(group)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  static func remove(_ group: pid_t) { groups.withLock { _ = $0.remove(group) } }

  /// Ends every group, at once.
  static func endAll() { groups.withLock { for group in $0 { kill(-group, SIGKILL) } } }

  /// Ends the groups and then the runner when it is interrupted or terminated.
  ///
  /// A handler may do next to nothing, as it may stop a thread that holds the lock: it writes to a pipe, and a thread
  /// that
  /// reads the other end does the rest.
  static func endOnSignals(_ cleanUp: @escaping @Sendable () -> Void = {}) {
    // Globals are made when they are first used, which must not be in a handler.
    _ = signalPipe
    let box = Box(cleanUp)
    var thread = pthread_t()
    unsafe pthread_create(
      &thread, nil,
      { opaque in
        let box = unsafe Unmanaged<Box>.fromOpaque(opaque!).takeRetainedValue()
        var signal: UInt8 = 0
        while unsafe read(signalPipe.read, &signal, 1) < 1 {}
        RunningGroups.endAll()
        box.cleanUp()
        _exit(128 + Int32(signal))
      }, Unmanaged.passRetained(box).toOpaque())
    pthread_detach(thread)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { number in
        var byte = UInt8(number)
        unsafe write(signalPipe.write, &byte, 1)
      }
    }
  }

  private final class Box: Sendable {
    let cleanUp: @Sendable () -> Void
    init(_ cleanUp: @escaping @Sendable () -> Void) { self.cleanUp = cleanUp }
  }
}

/// Where the handler of signals writes to; made before the first handler is set.
private let signalPipe: (read: Int32, write: Int32) = {
  var pair: [Int32] = [0, 0]
  unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair)
  return (pair[0], pair[1])
}()
