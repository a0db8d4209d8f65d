/// Parses a sitemap while its bytes arrive. Detects the format from the content: XML (sitemap, index or feed) or plain
/// text, with or without gzip.
///
/// A broken file yields the entries before the error. An HTML page, which many sites return for every URL, is not a
/// sitemap. Memory use is one piece of the file plus its entries.
package final class SitemapParser {
  /// The format of the file, with its parser.
  private enum Form {
    /// Too few bytes have arrived to detect the format.
    case unknown([UInt8])
    case xml(SitemapXML)
    case text(SitemapLines)
    case none
  }

  /// The compression of the file, detected from its first two bytes.
  private enum Compression {
    case unknown
    case none
    case gzip(GzipDecoder)
  }

  private var compression = Compression.unknown
  private var form = Form.unknown([])
  private var byteCount = 0
  private var entryCount = 0
  /// True if further bytes are ignored: the file is not a sitemap, is broken, or has reached a limit.
  package private(set) var isDone = false

  /// The number of bytes collected before the format is detected; an XML declaration with its encoding fits.
  private static let sniffedBytes = 256
  /// The number of bytes in which the XML declaration is searched.
  private static let maximumJunk = 4096

  package init() {}

  /// nil if the file is not a sitemap or the format is not detected yet.
  package var kind: Sitemap.Kind? {
    switch form {
    case .xml(let xml): xml.kind
    case .text(let lines): lines.isSitemap ? .text : nil
    case .unknown, .none: nil
    }
  }

  /// Parses the next piece.
  ///
  /// - Parameter body: receives the new entries in file order; may be called several times.
  package func parse(_ piece: [UInt8], _ body: ([Sitemap.Entry]) -> Void) {
    guard !isDone, !piece.isEmpty else { return }
    var piece = piece
    if case .unknown = compression {
      if case .unknown(let buffered) = form { piece = buffered + piece }
      form = .unknown([])
      // The magic number of gzip (RFC 1952, section 2.3.1).
      if piece.count == 1, piece[0] == 0x1f {
        form = .unknown(piece)
        return
      }
      compression = piece.starts(with: [0x1f, 0x8b]) ? GzipDecoder().map { .gzip($0) } ?? .none : .none
    }
    guard case .gzip(let decoder) = compression else {
      parseDecompressed(piece[...], body)
      return
    }
    let isIntact = decoder.decode(piece) { decompressed in
      parseDecompressed(decompressed, body)
      return !isDone
    }
    if !isIntact { isDone = true }
  }

  /// Parses the buffered rest. Call it once, after the last piece.
  package func finish(_ body: ([Sitemap.Entry]) -> Void) {
    if case .unknown(let buffered) = form {
      let text = Self.stripped(buffered[...])
      parseText(detectForm(text), body)
    }
    switch form {
    case .xml(let xml): deliver(xml.finish(), body)
    case .text(let lines): deliver(lines.finish(), body)
    case .unknown, .none: break
    }
    isDone = true
  }

  private func parseDecompressed(_ bytes: ArraySlice<UInt8>, _ body: ([Sitemap.Entry]) -> Void) {
    let bytes = bytes.prefix(Sitemap.maximumBytes - byteCount)
    byteCount += bytes.count
    if case .unknown(let buffered) = form {
      let text = Self.stripped(buffered + bytes)
      if text.count >= Self.sniffedBytes {
        parseText(detectForm(text), body)
      } else {
        form = .unknown(Array(text))
      }
    } else {
      parseText(bytes, body)
    }
    if byteCount >= Sitemap.maximumBytes || entryCount >= Sitemap.maximumEntries { isDone = true }
  }

  private func parseText(_ bytes: ArraySlice<UInt8>, _ body: ([Sitemap.Entry]) -> Void) {
    switch form {
    case .xml(let xml):
      deliver(xml.parse(bytes), body)
      if xml.isDone { isDone = true }
    case .text(let lines):
      deliver(lines.parse(bytes), body)
      if lines.isDone { isDone = true }
    case .unknown, .none: isDone = true
    }
  }

  private func deliver(_ entries: [Sitemap.Entry], _ body: ([Sitemap.Entry]) -> Void) {
    let wanted = entries.prefix(Sitemap.maximumEntries - entryCount)
    entryCount += wanted.count
    if !wanted.isEmpty { body(Array(wanted)) }
  }

  /// Detects the format from the beginning of the text.
  ///
  /// - Returns: the text from the start of that format.
  private func detectForm(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    // The XML parser handles UTF-16, with or without a byte order mark.
    let isWide = [[0xff, 0xfe], [0xfe, 0xff], [0x00, 0x3c], [0x3c, 0x00]].contains { text.starts(with: $0) }
    let text = isWide ? text : Self.droppingJunk(text)
    if isWide || text.first == UInt8(ascii: "<") {
      form = SitemapXML(beginning: text.prefix(Self.sniffedBytes), isWide: isWide).map { .xml($0) } ?? .none
    } else {
      form = text.isEmpty ? .none : .text(SitemapLines())
    }
    return text
  }

  /// The text from the XML declaration on. Some servers print warnings before it, which XML parsers reject.
  private static func droppingJunk(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let declaration = Array("<?xml ".utf8)
    guard !text.starts(with: declaration) else { return text }
    let beginning = text.prefix(maximumJunk)
    var start = beginning.startIndex
    while let mark = beginning[start...].firstIndex(of: UInt8(ascii: "<")) {
      if text[mark...].starts(with: declaration) { return text[mark...] }
      start = mark + 1
    }
    return text
  }

  /// The text without white space and byte order mark, which must not precede an XML declaration.
  private static func stripped(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
    let text = text.drop(while: isSpace)
    return (text.starts(with: [0xef, 0xbb, 0xbf]) ? text.dropFirst(3) : text).drop(while: isSpace)
  }
}
