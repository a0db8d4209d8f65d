package import Contract

extension Array where Element: Sendable {
  /// Processes the elements concurrently, a bounded number at a time, until all are done or the deadline passes.
  ///
  /// After the deadline no element is started, and running ones are cancelled; results that came before it count.
  ///
  /// - Parameters:
  ///   - width: the number of elements that are processed at a time.
  ///   - onResult: called for each result as it arrives, with the index of its element.
  package func forEachConcurrently<Value: Sendable>(
    atMost width: Int, by deadline: Deadline, _ work: @escaping @Sendable (Element) async -> Value,
    onResult: (Value, Int) -> Void
  ) async {
    await withTaskGroup(of: (Int, Value?).self) { group in
      var next = 0
      func start() {
        let (index, element) = (next, self[next])
        next += 1
        group.addTask { (index, await work(element)) }
      }
      while next < Swift.min(width, count) { start() }
      group.addTask {
        // Ends the loop below at the deadline.
        try? await Task.sleep(for: deadline.remaining)
        return (-1, nil)
      }
      var finished = 0
      while finished < count, let (index, value) = await group.next() {
        guard let value else { break }
        onResult(value, index)
        finished += 1
        if next < count, !deadline.isPast { start() }
      }
      group.cancelAll()
    }
  }
}
