package import Access
package import Contract

/// The progress of an analysis.
package enum Progress: Sendable, Equatable {
  /// robots.txt and the home page are fetched.
  case connecting
  /// The sitemaps are fetched.
  case discovering
  /// The number of fetched pages, and the number of pages known so far.
  case fetched(Int, of: Int)
  /// The Markdown versions of pages are looked for.
  case versions
  /// A language model scores this number of pages.
  case judging(Int)
  /// All pages have their scores.
  case scored(Int)

  /// Returns a function that logs each step if `LOG_PROGRESS` is set, and does nothing otherwise.
  ///
  /// The local runner sets `LOG_PROGRESS` if it shows progress in a terminal.
  package static func logged(_ environment: Environment) -> @Sendable (Progress, Log) -> Void {
    guard environment["LOG_PROGRESS"] != nil else { return { _, _ in } }
    return { progress, log in
      switch progress {
      case .connecting: log(.info, "progress", ["stage": "connecting"])
      case .discovering: log(.info, "progress", ["stage": "discovering"])
      case .versions: log(.info, "progress", ["stage": "versions"])
      case .fetched(let count, let known):
        log(.info, "progress", ["stage": "fetched", "count": String(count), "discovered": String(known)])
      case .judging(let count): log(.info, "progress", ["stage": "judging", "count": String(count)])
      case .scored(let count): log(.info, "progress", ["stage": "scored", "count": String(count)])
      }
    }
  }
}

extension Progress {
  /// The same for the checks of a validation.
  package static func validation(_ environment: Environment) -> @Sendable (Int, Int, Call) -> Void {
    let log = logged(environment)
    return { checked, total, call in log(.fetched(checked, of: total), call.log) }
  }
}
