import FoundationEssentials

/// Dates as sitemaps write them.
enum ModificationDate {
  /// A W3C date with or without a time, as sitemaps have it.
  static func w3c(_ text: String) -> Date? {
    if let date = try? Date(text, strategy: .iso8601) { return date }
    if let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)) { return date }
    return try? Date(String(text.prefix(10)), strategy: .iso8601.year().month().day())
  }

  static func day(_ date: Date) -> String { date.formatted(.iso8601.year().month().day()) }
}
