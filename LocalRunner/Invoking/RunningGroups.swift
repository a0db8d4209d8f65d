import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The process groups of the child processes that are running, so that they can be killed when the runner ends.
package enum RunningGroups {
  private static let groups = Mutex<Set<pid_t>>([])

  /// Spawns a child process and registers its group, without a moment in between in which ``endAll()`` could miss it.
  ///
  /// - Parameter spawn: starts the process and returns its group.
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

  /// Kills every registered group.
  package static func endAll() { groups.withLock { for group in $0 { kill(-group, SIGKILL) } } }
}
