import Contract

/// Does a thing to each of many, a bounded number at a time.
enum Crew {
  /// Ends when all are done or the time is over.
  ///
  /// - Parameter done: told of each as it comes, with its place among the items.
  static func work<Item: Sendable, Value: Sendable>(
    on items: [Item], width: Int = Crawler.concurrency, by deadline: Deadline,
    _ work: @escaping @Sendable (Item) async -> Value,
    done: (Value, Int) -> Void
  ) async {
    await withTaskGroup(of: (Int, Value?).self) { group in
      var next = 0
      func start() {
        let (index, item) = (next, items[next])
        next += 1
        group.addTask { (index, await work(item)) }
      }
      while next < min(width, items.count) { start() }
      group.addTask {
        // Ends what is under way when the time is over; what was done until then counts.
        try? await Task.sleep(for: deadline.remaining)
        return (-1, nil)
      }
      var finished = 0
      while finished < items.count, let (index, value) = await group.next() {
        guard let value else { break }
        done(value, index)
        finished += 1
        if next < items.count, !deadline.isPast { start() }
      }
      group.cancelAll()
    }
  }
}
