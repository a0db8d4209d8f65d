import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Kills the process group of a child process from another thread.
package final class KillSwitch: Sendable {
  private struct State {
    var group: pid_t?
    var isKilled = false
  }

  private let state = Mutex(State())

  package init() {}

  /// Kills the group now, or as soon as it has started.
  package func kill() {
    state.withLock { state in
      state.isKilled = true
      if let group = state.group { signal(group) }
    }
  }

  /// Sets the group that ``kill()`` kills.
  func arm(_ group: pid_t) {
    state.withLock { state in
      state.group = group
      if state.isKilled { signal(group) }
    }
  }

  /// Forgets the group, because its number may be reused.
  func disarm() { state.withLock { $0.group = nil } }

  private func signal(_ group: pid_t) {
    #if canImport(Glibc)
      _ = Glibc.kill(-group, SIGKILL)
    #else
      _ = Musl.kill(-group, SIGKILL)
    #endif
  }
}
