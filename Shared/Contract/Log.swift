import FoundationEssentials

/// A structured log on stderr, one JSON object per line. Stdout is reserved for the response.
package struct Log: Sendable {
  package enum Level: String, Sendable, Comparable, CaseIterable {
    case debug, info, warning, error

    package static func < (a: Level, b: Level) -> Bool {
      allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)!
    }
  }

  private let threshold: Level
  private let fields: [String: String]
  private let write: @Sendable ([UInt8]) -> Void

  package init(
    threshold: Level, fields: [String: String] = [:], write: @escaping @Sendable ([UInt8]) -> Void = Log.toStandardError
  ) {
    self.threshold = threshold
    self.fields = fields
    self.write = write
  }

  /// A log with the threshold `LOG_LEVEL` (`debug`, `info`, `warning` or `error`; default `info`).
  package init(_ environment: Environment) {
    self.init(threshold: environment["LOG_LEVEL"].flatMap { Level(rawValue: $0.lowercased()) } ?? .info)
  }

  /// The same log with additional fields in every line.
  package func with(_ more: [String: String]) -> Log {
    Log(threshold: threshold, fields: fields.merging(more) { $1 }, write: write)
  }

  /// Whether lines of this level are written.
  package func writes(_ level: Level) -> Bool { level >= threshold }

  /// Writes a line if `level` is not below the threshold.
  package func callAsFunction(_ level: Level, _ message: String, _ more: [String: String] = [:]) {
    guard writes(level) else { return }
    var line = fields.merging(more) { $1 }
    line["time"] = Date.now.formatted(.iso8601)
    line["level"] = level.rawValue
    line["message"] = message
    if let bytes = try? JSON.encode(line) { write(bytes + [0x0a]) }
  }

  package static let toStandardError: @Sendable ([UInt8]) -> Void = { Descriptor.standardError.write($0) }
}
