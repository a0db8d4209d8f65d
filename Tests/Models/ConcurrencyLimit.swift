/// Limits how many tests run at once, so that tests with a deadline do not have to wait for a CPU core.
actor ConcurrencyLimit {
  static let shared = ConcurrencyLimit(3)

  private var freeSlots: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ count: Int) { freeSlots = count }

  nonisolated func run<Result: Sendable>(_ body: () async throws -> Result) async rethrows -> Result {
    await enter()
    do {
      let result = try await body()
      await leave()
      return result
    } catch {
      await leave()
      throw error
    }
  }

  private func enter() async {
    if freeSlots > 0 {
      freeSlots -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  private func leave() {
    if waiting.isEmpty { freeSlots += 1 } else { waiting.removeFirst().resume() }
  }
}
