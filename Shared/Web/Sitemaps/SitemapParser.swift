/// Reads a sitemap as its bytes arrive, by what it holds, whatever it is called: XML of any of its forms or plain text,
/// gzip or not.
///
/// Of a broken file, what stands before the break is read. A page of HTML, which is what many sites answer for
/// everything, is
/// none. What is held at a time is a piece of the file and what it lists.
package final class SitemapParser {
  private enum Form {
    /// Too little has come to tell.
    case unknown([UInt8])
    case xml(SitemapXML)
    case text(SitemapLines)
    case none
  }

  private enum Packing {
    case unknown
    case none
    case gzip(GzipDecoder)
  }

  private var packing = Packing.unknown
  private var form = Form.unknown([])
  private var byteCount = 0
  private var entryCount = 0
  /// Whether more bytes would change nothing: it is no sitemap, broken, or larger than any may be.
  package private(set) var isDone = false

  /// How much is gathered before the form is told: an XML declaration with its encoding fits.
  private static let sniffedBytes = 256
  /// How far into a file its XML declaration is looked for.
  private static let longestJunk = 4096

  package init() {}

  /// nil where it is no sitemap, and as long as that cannot be told.
  package var kind: Sitemap.Kind? {
    switch form {
    case .xml(let xml): xml.kind
    case .text(let lines): lines.isSitemap ? .text : nil
    case .unknown, .none: nil
    }
  }

  /// Reads a piece.
  ///
  /// - Parameter body: is given what is listed, in the file's order, some at a time.
  package func read(_ piece: [UInt8], _ body: ([Sitemap.Entry]) -> Void) {
    guard !isDone, !piece.isEmpty else { return }
    var piece = piece
    if case .unknown = packing {
      if case .unknown(let held) = form { piece = held + piece }
      form = .unknown([])
      // The magic number of gzip (RFC 1952, section 2.3.1).
      if piece.count == 1, piece[0] == 0x1f {
        form = .unknown(piece)
        return
      }
      packing = piece.starts(with: [0x1f, 0x8b]) ? GzipDecoder().map { .gzip($0) } ?? .none : .none
    }
    guard case .gzip(let decoder) = packing else {
      readUnpacked(piece[...], body)
      return
    }
    let isWhole = decoder.decode(piece) { unpacked in
      readUnpacked(unpacked, body)
      return !isDone
    }
    if !isWhole { isDone = true }
  }

  /// Reads what was still held back; nothing more comes.
  package func finish(_ body: ([Sitemap.Entry]) -> Void) {
    if case .unknown(let held) = form {
      let text = Self.stripped(held[...])
      readForm(tell(text), body)
    }
    switch form {
    case .xml(let xml): give(xml.finish(), body)
    case .text(let lines): give(lines.finish(), body)
    case .unknown, .none: break
    }
    isDone = true
  }

  private func readUnpacked(_ bytes: ArraySlice<UInt8>, _ body: ([Sitemap.Entry]) -> Void) {
    let bytes = bytes.prefix(Sitemap.maximumBytes - byteCount)
    byteCount += bytes.count
    if case .unknown(let held) = form {
      let text = Self.stripped(held + bytes)
      if text.count >= Self.sniffedBytes {
        readForm(tell(text), body)
      } else {
        form = .unknown(Array(text))
      }
    } else {
      readForm(bytes, body)
    }
    if byteCount >= Sitemap.maximumBytes || entryCount >= Sitemap.maximumEntries { isDone = true }
  }

  private func readForm(_ bytes: ArraySlice<UInt8>, _ body: ([Sitemap.Entry]) -> Void) {
    switch form {
    case .xml(let xml):
      give(xml.read(bytes), body)
      if xml.isDone { isDone = true }
    case .text(let lines):
      give(lines.read(bytes), body)
      if lines.isDone { isDone = true }
    case .unknown, .none: isDone = true
    }
  }

  private func give(_ entries: [Sitemap.Entry], _ body: ([Sitemap.Entry]) -> Void) {
    let wanted = entries.prefix(Sitemap.maximumEntries - entryCount)
    entryCount += wanted.count
    if !wanted.isEmpty { body(Array(wanted)) }
  }

  /// Tells the form by the beginning of the text.
  ///
  /// - Returns: the text from where it is of that form.
  private func tell(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    // UTF-16, with a byte order mark or without, is the XML parser's to understand.
    let isWide = [[0xff, 0xfe], [0xfe, 0xff], [0x00, 0x3c], [0x3c, 0x00]].contains { text.starts(with: $0) }
    let text = isWide ? text : Self.withoutJunk(text)
    if isWide || text.first == UInt8(ascii: "<") {
      form = SitemapXML(beginning: text.prefix(Self.sniffedBytes), isWide: isWide).map { .xml($0) } ?? .none
    } else {
      form = text.isEmpty ? .none : .text(SitemapLines())
    }
    return text
  }

  /// The text from the XML declaration: many a program's warnings come before it, and no parser takes it there.
  private static func withoutJunk(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let declaration = Array("<?xml ".utf8)
    guard !text.starts(with: declaration) else { return text }
    let beginning = text.prefix(longestJunk)
    var start = beginning.startIndex
    while let mark = beginning[start...].firstIndex(of: UInt8(ascii: "<")) {
      if text[mark...].starts(with: declaration) { return text[mark...] }
      start = mark + 1
    }
    return text
  }

  /// The text without the white space and the byte order mark that XML declarations must not follow.
  private static func stripped(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
    let text = text.drop(while: isSpace)
    return (text.starts(with: [0xef, 0xbb, 0xbf]) ? text.dropFirst(3) : text).drop(while: isSpace)
  }
}
