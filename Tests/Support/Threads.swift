import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Runs blocking calls on threads of their own.
///
/// Tasks share a small pool of threads: blocking calls in tasks would run one after another instead of concurrently.
package enum Threads {
  /// Runs `body` on `count` threads at once.
  ///
  /// - Parameter body: receives the thread's number, from 0.
  /// - Returns: the results, in the order of the threads' numbers.
  package static func run<R: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) -> R) async -> [R] {
    await withCheckedContinuation { continuation in
      let results = Results<R>()
      for number in 0..<count {
        start {
          let result = body(number)
          let all: [R]? = results.byNumber.withLock {
            $0[number] = result
            return $0.count == count ? $0.sorted { $0.key < $1.key }.map(\.value) : nil
          }
          if let all { continuation.resume(returning: all) }
        }
      }
    }
  }

  /// Starts a detached thread that runs `body`.
  package static func start(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let opaque = unsafe Unmanaged.passRetained(Work(body)).toOpaque()
    let status = unsafe pthread_create(
      &thread, nil,
      { pointer in
        unsafe Unmanaged<Work>.fromOpaque(pointer!).takeRetainedValue().body()
        return nil
      }, opaque)
    precondition(status == 0, "cannot create a thread")
    pthread_detach(thread)
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private final class Results<R: Sendable>: Sendable {
    let byNumber = Mutex<[Int: R]>([:])
  }
}
