import FoundationEssentials

/// Dates as headers and sitemaps write them.
enum ModificationDate {
  /// An IMF-fixdate, such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7); its two obsolete forms are not read.
  static func header(_ text: String) -> Date? {
    let parts = text.split { $0 == " " || $0 == "," }
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    guard parts.count == 6, parts[5] == "GMT", parts[1].count == 2, let month = months.firstIndex(of: String(parts[2])) else { return nil }
    return try? Date("\(parts[3])-\(month < 9 ? "0" : "")\(month + 1)-\(parts[1])T\(parts[4])Z", strategy: .iso8601)
  }

  /// A W3C date with or without a time, as sitemaps have it.
  static func w3c(_ text: String) -> Date? {
    if let date = try? Date(text, strategy: .iso8601) { return date }
    if let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)) { return date }
    return try? Date(String(text.prefix(10)), strategy: .iso8601.year().month().day())
  }

  static func day(_ date: Date) -> String { date.formatted(.iso8601.year().month().day()) }
}
