extension Page {
  /// The version of the record format. Increase it when pages are parsed or recorded differently, so that stored
  /// records of an older version are ignored.
  package static let recordVersion = 8

  /// All properties of the page except its text, in a compact binary form, stored until the site reports a change.
  ///
  /// Not JSON, because a documentation page has a thousand links, and all records of a site are loaded at once.
  package var record: [UInt8] {
    var writer = RecordWriter()
    writer.add(url)
    for text in [title, heading, description, language, siteName, generator, modified] { writer.add(text) }
    for url in [canonical, markdownURL, sitemapURL, refreshURL, base, feedURL] { writer.add(url?.description) }
    writer.add(robots.sorted())
    writer.add(unavailableAfter ?? 0)
    writer.add(types)
    writer.add(breadcrumbs)
    writer.add(paragraphs)
    for number in [words, linkDensity, codeBlocks, proseShare, prices] { writer.add(number) }
    for mark in [hasPasswordField, isScriptShell, isOffer] { writer.add(mark ? 1 : 0) }
    writer.add(hasMarkdown.map { $0 ? 2 : 1 } ?? 0)
    writer.add(fingerprint)
    writer.add(alternates.count)
    for alternate in alternates {
      writer.add(alternate.language)
      writer.add(alternate.url)
    }
    writer.add(headings.count)
    for heading in headings {
      writer.add(heading.level)
      writer.add(heading.text)
    }
    writer.add(links.count)
    // Neighbouring links usually share heading and groups, so write these only when they change.
    var (lastHeading, lastGroups): (String?, [String]) = (nil, [])
    for link in links {
      writer.add(
        link.region.code << 3 | (link.groups == lastGroups ? 4 : 0) | (link.hasFragment ? 2 : 0)
          | (link.heading == lastHeading ? 1 : 0))
      writer.add(link.listDepth)
      writer.add(link.reference)
      writer.add(link.text)
      if link.heading != lastHeading { writer.add(link.heading) }
      if link.groups != lastGroups { writer.add(link.groups) }
      (lastHeading, lastGroups) = (link.heading, link.groups)
    }
    return writer.bytes
  }

  /// Restores a page from a record; its text is empty.
  ///
  /// - Returns: nil if the bytes are not a record of this version.
  package init?(record: [UInt8]) {
    do throws(RecordReader.Malformed) {
      var reader = RecordReader(record)
      self.init(url: try reader.url())
      (title, heading, description) = (try reader.optionalText(), try reader.optionalText(), try reader.optionalText())
      (language, siteName, generator) = (
        try reader.optionalText(), try reader.optionalText(), try reader.optionalText()
      )
      modified = try reader.optionalText()
      (canonical, markdownURL, sitemapURL) = (
        try reader.optionalURL(), try reader.optionalURL(), try reader.optionalURL()
      )
      (refreshURL, base, feedURL) = (try reader.optionalURL(), try reader.optionalURL(), try reader.optionalURL())
      robots = Set(try reader.texts())
      let day = try reader.number()
      unavailableAfter = day == 0 ? nil : day
      types = try reader.texts()
      (breadcrumbs, paragraphs) = (try reader.texts(), try reader.texts())
      (words, linkDensity, codeBlocks) = (try reader.number(), try reader.number(), try reader.number())
      (proseShare, prices) = (try reader.number(), try reader.number())
      (hasPasswordField, isScriptShell, isOffer) = (
        try reader.number() == 1, try reader.number() == 1, try reader.number() == 1
      )
      let answer = try reader.number()
      hasMarkdown = answer == 0 ? nil : answer == 2
      fingerprint = try reader.number()
      for _ in 0..<(try reader.count()) { alternates.append(.init(language: try reader.text(), url: try reader.url())) }
      for _ in 0..<(try reader.count()) { headings.append(.init(level: try reader.number(), text: try reader.text())) }
      let count = try reader.count()
      links.reserveCapacity(min(count, record.count / 4))
      var (lastHeading, lastGroups): (String?, [String]) = (nil, [])
      for _ in 0..<count {
        let marks = try reader.number()
        guard let region = Link.Region(code: marks >> 3) else { return nil }
        let depth = try reader.number()
        let (reference, text) = (try reader.text(), try reader.text())
        if marks & 1 == 0 { lastHeading = try reader.optionalText() }
        if marks & 4 == 0 { lastGroups = try reader.texts() }
        links.append(
          .init(
            reference: reference, hasFragment: marks & 2 != 0, text: text, region: region, listDepth: depth,
            heading: lastHeading, groups: lastGroups))
      }
      guard reader.isAtEnd else { return nil }
    } catch {
      return nil
    }
  }
}

extension Page.Link.Region {
  private static let all: [Self] = [.navigation, .content, .header, .footer, .aside]

  fileprivate var code: Int { Self.all.firstIndex(of: self)! }

  fileprivate init?(code: Int) {
    guard Self.all.indices.contains(code) else { return nil }
    self = Self.all[code]
  }
}

/// Writes numbers as LEB128 (seven bits per byte, lowest first) and strings prefixed by their length.
private struct RecordWriter {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ number: Int) {
    var rest = UInt(bitPattern: number)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func add(_ text: String) {
    add(text.utf8.count)
    bytes += text.utf8
  }

  /// Writes the length plus one; 0 means nil.
  mutating func add(_ text: String?) {
    guard let text else { return add(0) }
    add(text.utf8.count + 1)
    bytes += text.utf8
  }

  mutating func add(_ url: NormalizedURL) { add(url.description) }

  mutating func add(_ texts: [String]) {
    add(texts.count)
    for text in texts { add(text) }
  }
}

/// Reads the values that ``RecordWriter`` writes.
private struct RecordReader {
  struct Malformed: Error {}

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func number() throws(Malformed) -> Int {
    var value: UInt = 0
    var shift: UInt = 0
    while true {
      guard position < bytes.count, shift < 64 else { throw Malformed() }
      let byte = bytes[position]
      position += 1
      value |= UInt(byte & 0x7f) << shift
      if byte < 0x80 { return Int(bitPattern: value) }
      shift += 7
    }
  }

  /// Reads the number of elements. Each takes at least one byte, so a larger number is malformed.
  mutating func count() throws(Malformed) -> Int {
    let count = try number()
    guard (0...bytes.count).contains(count) else { throw Malformed() }
    return count
  }

  mutating func text() throws(Malformed) -> String { try text(ofLength: try number()) }

  mutating func optionalText() throws(Malformed) -> String? {
    let mark = try number()
    return mark == 0 ? nil : try text(ofLength: mark - 1)
  }

  private mutating func text(ofLength count: Int) throws(Malformed) -> String {
    guard (0...(bytes.count - position)).contains(count) else { throw Malformed() }
    defer { position += count }
    return String(decoding: bytes[position..<(position + count)], as: UTF8.self)
  }

  mutating func url() throws(Malformed) -> NormalizedURL {
    guard let url = try? NormalizedURL(try text()) else { throw Malformed() }
    return url
  }

  mutating func optionalURL() throws(Malformed) -> NormalizedURL? {
    guard let text = try optionalText() else { return nil }
    guard let url = try? NormalizedURL(text) else { throw Malformed() }
    return url
  }

  mutating func texts() throws(Malformed) -> [String] {
    var texts: [String] = []
    for _ in 0..<(try count()) { texts.append(try text()) }
    return texts
  }
}
