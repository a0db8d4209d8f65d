import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Threads of their own for calls that wait: as tasks they would take turns on the few threads that tasks have, and
/// never meet.
package enum Threads {
  /// Runs `body` on `count` threads at once.
  ///
  /// - Returns: what each gave, in the order of their numbers, which begin at 0.
  package static func run<R: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) -> R) async -> [R] {
    await withCheckedContinuation { continuation in
      let outcome = Outcome<R>()
      for number in 0..<count {
        let work = Work {
          let result = body(number)
          let all: [R]? = outcome.results.withLock {
            $0[number] = result
            return $0.count == count ? $0.sorted { $0.key < $1.key }.map(\.value) : nil
          }
          if let all { continuation.resume(returning: all) }
        }
        var thread = pthread_t()
        let status = unsafe pthread_create(
          &thread, nil,
          { pointer in
            unsafe Unmanaged<Work>.fromOpaque(pointer!).takeRetainedValue().body()
            return nil
          }, Unmanaged.passRetained(work).toOpaque())
        precondition(status == 0, "no thread")
        pthread_detach(thread)
      }
    }
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private final class Outcome<R: Sendable>: Sendable {
    let results = Mutex<[Int: R]>([:])
  }
}
