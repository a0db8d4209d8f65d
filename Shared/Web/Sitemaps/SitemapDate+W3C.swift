extension SitemapDate {
  /// The day of a modification date in the form `YYYY-MM-DD` (W3C date), or nil if the text is not a date.
  ///
  /// It accepts W3C and ISO 8601 dates, the date formats of HTTP (RFC 9110, section 5.6.7) and of mail and feeds
  /// (RFC 822, RFC 5322), and months by their English names. The whole text must be one date that exists, from 1990 on.
  /// Two dates, a year alone and `01/06/2026`, in which day and month are ambiguous, are not accepted.
  ///
  /// - Parameter last: the last day that is accepted, as ``day(_:)`` counts days. Nothing was modified in the future.
  package static func w3c(_ text: String, notAfter last: Int = .max) -> String? {
    guard text.utf8.count <= maximumLength else { return nil }
    if let day = commonDay(text), isDay(day), day <= last {
      return text.utf8.count == 10 ? text : String(decoding: text.utf8.prefix(10), as: UTF8.self)
    }
    if let day = headerDay(text), isDay(day) { return day <= last ? w3c(day) : nil }
    let words = text.split { $0.isWhitespace || $0 == "," }
    guard let first = words.first, let day = digitDay(first, words.dropFirst()) ?? namedDay(words), isDay(day),
      day <= last
    else { return nil }
    return w3c(day)
  }

  private static func w3c(_ day: Int) -> String {
    let (month, date) = (day / 100 % 100, day % 100)
    return "\(day / 10_000)-\(month < 10 ? "0" : "")\(month)-\(date < 10 ? "0" : "")\(date)"
  }

  private static let maximumLength = 80

  // MARK: Forms

  /// Fast path for `2026-01-06`, `2026-01-06T10:15:30Z` and `2026-01-06T10:15:30+01:00`, because a site may have a million.
  private static func commonDay(_ text: String) -> Int? {
    let form = "0000-00-00T00:00:00"
    let bytes = text.utf8
    let zone = bytes.dropFirst(form.utf8.count)
    guard bytes.count == 10 || bytes.count == 20 && zone.first == UInt8(ascii: "Z") || bytes.count == 25 else {
      return nil
    }
    var numbers = (day: 0, time: 0)
    for (position, (byte, sign)) in zip(bytes, form.utf8).enumerated() {
      guard sign == UInt8(ascii: "0") else {
        guard byte == sign else { return nil }
        continue
      }
      guard (0x30...0x39).contains(byte) else { return nil }
      if position < 10 {
        numbers.day = numbers.day * 10 + Int(byte - 0x30)
      } else {
        numbers.time = numbers.time * 10 + Int(byte - 0x30)
      }
    }
    let isTime = numbers.time <= 24_00_00 && numbers.time / 100 % 100 < 60 && numbers.time % 100 <= 60
    let isZone =
      bytes.count != 25
      || zip(zone, "+00:00".utf8).allSatisfy { byte, sign in
        sign == UInt8(ascii: "0")
          ? (0x30...0x39).contains(byte) : byte == sign || sign == UInt8(ascii: "+") && byte == UInt8(ascii: "-")
      }
    return isTime && isZone ? numbers.day : nil
  }

  /// The day of `2026-01-06`, `2026/1/6` or `20260106`, perhaps with a time after a `T` or a space.
  private static func digitDay(_ first: Substring, _ others: ArraySlice<Substring>) -> Int? {
    let date = first.prefix { $0 != "T" && $0 != "t" }
    let time = first.dropFirst(date.count + 1)
    guard first.utf8.count == date.utf8.count || !time.isEmpty, isTime((time.isEmpty ? [] : [time]) + others) else {
      return nil
    }
    if date.utf8.count == 8, let day = digits(date) { return day }
    let separator: Character = date.contains("/") ? "/" : "-"
    let parts = date.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].utf8.count == 4, parts[1...].allSatisfy({ (1...2).contains($0.utf8.count) }),
      let year = digits(parts[0]), let month = digits(parts[1]), let day = digits(parts[2])
    else { return nil }
    return year * 10_000 + month * 100 + day
  }

  /// The day of `Tue, 06 Jan 2026 …`, `6-Jan-26 …`, `January 6, 2026 …` or `Tue Jan  6 10:00:00 2026`.
  /// Fast path for the form of the header Last-Modified, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
  private static func headerDay(_ text: String) -> Int? {
    let bytes = Array(text.utf8)
    guard bytes.count == 29, text.hasSuffix(" GMT"), bytes[3] == UInt8(ascii: ","), bytes[16] == 0x20 else {
      return nil
    }
    func number(_ range: Range<Int>) -> Int? {
      bytes[range].allSatisfy { (0x30...0x39).contains($0) } ? bytes[range].reduce(0) { $0 * 10 + Int($1 - 0x30) } : nil
    }
    let names = "JanFebMarAprMayJunJulAugSepOctNovDec".utf8
    let month = (1...12).first { names.dropFirst($0 * 3 - 3).prefix(3).elementsEqual(bytes[8..<11]) }
    guard let month, let day = number(5..<7), let year = number(12..<16), let hour = number(17..<19), hour < 24,
      let minute = number(20..<22), minute < 60, let second = number(23..<25), second <= 60
    else { return nil }
    return year * 10_000 + month * 100 + day
  }

  private static func namedDay(_ words: [Substring]) -> Int? {
    var words = words.flatMap { word in
      let parts = word.split(separator: "-")
      return parts.count == 3 && month(parts[1]) != nil ? parts : [word]
    }
    if let first = words.first, isName(first, of: weekdays) { words.removeFirst() }
    guard words.count >= 3, let month = month(words[0]) ?? month(words[1]) else { return nil }
    let isDayFirst = self.month(words[0]) == nil
    guard let day = digits(words[isDayFirst ? 0 : 1]), day < 100 else { return nil }
    // The year follows, or it is the last word, as in the C library's `asctime`.
    let index = year(words[2]) == nil && !isDayFirst ? words.count - 1 : 2
    guard let year = year(words[index]) else { return nil }
    words.remove(at: index)
    return isTime(words[2...]) ? year * 10_000 + month * 100 + day : nil
  }

  // MARK: Parts

  private static func isDay(_ day: Int) -> Bool {
    let (year, month) = (day / 10_000, day / 100 % 100)
    guard (1990...9999).contains(year), (1...12).contains(month) else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let length = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    return (1...length).contains(day % 100)
  }

  /// Whether the words are a time, perhaps with a zone: `10:00`, `10:00:00.5Z`, `10:00 +0100`, `1000Z`, `GMT+0100 (CET)`.
  private static func isTime(_ words: some Collection<Substring>) -> Bool {
    guard let first = words.first else { return true }
    let clock = first.prefix { $0.isASCII && ($0.isNumber || $0 == ":" || $0 == ".") }
    let whole = clock.prefix { $0 != "." }
    let parts = whole.split(separator: ":", omittingEmptySubsequences: false)
    let fields = parts.compactMap(digits)
    switch parts.count {
    case 1: guard [4, 6].contains(whole.utf8.count), !fields.isEmpty else { return false }
    case 2, 3:
      guard fields.count == parts.count, fields[0] <= 24, fields[1...].allSatisfy({ $0 <= 60 }) else { return false }
    default: return false
    }
    let zone = first.dropFirst(clock.count)
    return ((zone.isEmpty ? [] : [zone]) + words.dropFirst()).allSatisfy(isZone)
  }

  /// Whether a word is a time zone or a part of one: `Z`, `GMT`, `+01:00`, `GMT+0100`, `(CET)`, or `AM` and `PM`.
  private static func isZone(_ word: Substring) -> Bool {
    let letters = word.drop { $0 == "(" }.prefix { $0.isASCII && $0.isLetter }
    let rest = word.drop { $0 == "(" }.dropFirst(letters.count)
    guard letters.utf8.count <= 5, !letters.isEmpty || !rest.isEmpty else { return false }
    if rest.isEmpty || rest == ")" { return !letters.isEmpty }
    let offset = rest.dropFirst().filter { $0 != ":" }
    return (rest.first == "+" || rest.first == "-") && [2, 4].contains(offset.utf8.count) && digits(offset[...]) != nil
  }

  private static func year(_ word: Substring) -> Int? {
    guard let year = digits(word) else { return nil }
    switch word.utf8.count {
    case 4: return year
    case 2: return year + (year < 70 ? 2000 : 1900)
    default: return nil
    }
  }

  private static func month(_ word: Substring) -> Int? {
    monthNames.firstIndex { isName(word, of: [$0]) }.map { $0 + 1 }
  }

  /// Whether a word is one of the names or its beginning, of three or more letters.
  private static func isName(_ word: Substring, of names: [String]) -> Bool {
    let word = (word.last == "." ? word.dropLast() : word).lowercased()
    return word.utf8.count >= 3 && names.contains { $0.hasPrefix(word) }
  }

  private static func digits(_ text: Substring) -> Int? {
    text.utf8.count <= 8 && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }

  private static let monthNames = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
  ]
  private static let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
}
