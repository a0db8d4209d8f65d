import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The process groups that are running, so that none outlives a runner that is told to end.
enum RunningGroups {
  private static let groups = Mutex<Set<pid_t>>([])

  static func insert(_ group: pid_t) { groups.withLock { _ = $0.insert(group) } }
  static func remove(_ group: pid_t) { groups.withLock { _ = $0.remove(group) } }

  /// Ends every group, at once.
  static func endAll() { groups.withLock { for group in $0 { kill(-group, SIGKILL) } } }

  /// Ends the groups and then the runner when it is interrupted or terminated.
  ///
  /// The signals are waited for on a thread: a handler could not take the lock.
  static func endOnSignals(_ cleanUp: @escaping @Sendable () -> Void = {}) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&set, signal) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    let box = Box(cleanUp)
    var thread = pthread_t()
    unsafe pthread_create(
      &thread, nil,
      { opaque in
        let box = unsafe Unmanaged<Box>.fromOpaque(opaque!).takeRetainedValue()
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&set, signal) }
        var signal: Int32 = 0
        while unsafe sigwait(&set, &signal) != 0 {}
        RunningGroups.endAll()
        box.cleanUp()
        _exit(128 + signal)
      }, Unmanaged.passRetained(box).toOpaque())
    pthread_detach(thread)
  }

  private final class Box: Sendable {
    let cleanUp: @Sendable () -> Void
    init(_ cleanUp: @escaping @Sendable () -> Void) { self.cleanUp = cleanUp }
  }
}
