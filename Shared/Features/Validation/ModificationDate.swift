import FoundationEssentials

/// Parses and formats the dates of sitemaps.
enum ModificationDate {
  /// Parses a W3C date with or without a time (`lastmod` of sitemaps.org).
  static func w3c(_ text: String) -> Date? {
    if let date = try? Date(text, strategy: .iso8601) { return date }
    if let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)) { return date }
    return try? Date(String(text.prefix(10)), strategy: .iso8601.year().month().day())
  }

  /// Formats the day of a date as `YYYY-MM-DD`.
  static func day(_ date: Date) -> String { date.formatted(.iso8601.year().month().day()) }
}
