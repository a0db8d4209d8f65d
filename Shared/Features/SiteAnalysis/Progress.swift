package import Contract

/// How far an analysis is, for whoever watches.
package enum Progress: Sendable, Equatable {
  /// So many pages were fetched, of those known so far.
  case fetched(Int, of: Int)
  /// A model is asked about so many.
  case judging(Int)
  case scored(Int)

  /// Writes each step to the log where `LOG_PROGRESS` is set, as the runner sets it when somebody is watching.
  package static func logged(_ environment: Environment) -> @Sendable (Progress, Log) -> Void {
    guard environment["LOG_PROGRESS"] != nil else { return { _, _ in } }
    return { progress, log in
      switch progress {
      case .fetched(let count, let known):
        log(.info, "progress", ["stage": "fetched", "count": String(count), "discovered": String(known)])
      case .judging(let count): log(.info, "progress", ["stage": "judging", "count": String(count)])
      case .scored(let count): log(.info, "progress", ["stage": "scored", "count": String(count)])
      }
    }
  }
}
