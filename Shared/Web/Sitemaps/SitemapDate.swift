package import FoundationEssentials

/// Parses the modification dates of sitemaps (W3C dates, RFC 3339) and feeds (RFC 822, section 5).
package enum SitemapDate {
  /// The day as the number `yyyymmdd`, so that a later day is greater; 0 if the text is not a date. The time is
  /// ignored, because a site build touches every page within minutes and the order of these changes has no meaning.
  package static func day(_ text: String) -> Int {
    if let day = wholeDate(text) { return day }
    let words = text.utf8.split(separator: UInt8(ascii: " "))
    guard let first = words.first else { return 0 }
    let parts = first.prefix(10).split(separator: UInt8(ascii: "-"))
    if parts.first?.count == 4, let year = number(parts[0]) {
      let month = parts.count > 1 ? number(parts[1]) : 0
      let day = parts.count > 2 ? number(parts[2]) : 0
      return join(year, month, day)
    }
    // "Tue, 06 Jan 2026 …" or "6 Jan 2026 …".
    for (index, word) in words.enumerated().dropFirst() {
      guard index + 1 < words.count,
        let month = months.firstIndex(where: { $0.elementsEqual(word.prefix(3).map { $0 | 0x20 }) })
      else { continue }
      guard let day = number(words[index - 1]), var year = number(words[index + 1]) else { return 0 }
      if year < 100 { year += year < 70 ? 2000 : 1900 }
      return join(year, month + 1, day)
    }
    return 0
  }

  /// The day of a time in UTC, in the same form.
  package static func day(_ date: Date) -> Int { day(date.formatted(.iso8601.year().month().day())) }

  /// Fast path for `2026-01-06…`, the most common form.
  private static func wholeDate(_ text: String) -> Int? {
    var value = 0
    var position = 0
    for byte in text.utf8 {
      if position == 4 || position == 7 {
        guard byte == UInt8(ascii: "-") else { return nil }
      } else {
        guard (0x30...0x39).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 0x30)
      }
      position += 1
      if position == 10 { return join(value / 10_000, value / 100 % 100, value % 100) }
    }
    return nil
  }

  private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"].map {
    Array($0.utf8)
  }

  private static func join(_ year: Int, _ month: Int?, _ day: Int?) -> Int {
    guard let month, let day, year < 10_000, month < 13, day < 32 else { return 0 }
    return year * 10_000 + month * 100 + day
  }

  private static func number(_ digits: some Collection<UInt8>) -> Int? {
    guard !digits.isEmpty, digits.count <= 4 else { return nil }
    var value = 0
    for digit in digits {
      guard (0x30...0x39).contains(digit) else { return nil }
      value = value * 10 + Int(digit - 0x30)
    }
    return value
  }
}
