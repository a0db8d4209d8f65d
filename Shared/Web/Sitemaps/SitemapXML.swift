import CXML

/// Sitemaps and feeds through libxml2's event parser: no tree, no entities expanded, nothing else fetched.
@safe
final class SitemapXML {
  private static let start: Void = { xmlInitParser() }()

  private let reader = SitemapElements()
  private let context: xmlParserCtxtPtr
  private var ampersands = BareAmpersands()
  private let isWide: Bool

  /// - Parameters:
  ///   - beginning: where the XML declaration is, if there is one.
  ///   - isWide: whether it is UTF-16.
  init?(beginning: ArraySlice<UInt8>, isWide: Bool) {
    Self.start
    cxml_silence()
    self.isWide = isWide
    var handler = unsafe xmlSAXHandler()
    unsafe handler.initialized = XML_SAX2_MAGIC
    unsafe handler.startElementNs = { context, name, _, _, _, _, count, _, attributes in
      guard let name = unsafe name else { return }
      unsafe SitemapXML.elements(context).open(name, Int(count), attributes)
    }
    unsafe handler.endElementNs = { context, name, _, _ in
      guard let name = unsafe name else { return }
      unsafe SitemapXML.elements(context).close(name)
    }
    unsafe handler.characters = { context, text, count in
      unsafe SitemapXML.elements(context).addText(UnsafeBufferPointer(start: text, count: Int(count)))
    }
    unsafe handler.cdataBlock = { context, text, count in
      unsafe SitemapXML.elements(context).addText(UnsafeBufferPointer(start: text, count: Int(count)), isLiteral: true)
    }
    guard
      let context = unsafe xmlCreatePushParserCtxt(&handler, Unmanaged.passUnretained(reader).toOpaque(), nil, 0, nil)
    else { return nil }
    unsafe self.context = unsafe context
    var options =
      XML_PARSE_RECOVER.rawValue | XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
    // The parser stops at an encoding that it does not know; what is declared so is read as UTF-8.
    if !isWide, !Self.knowsEncoding(beginning) { options |= XML_PARSE_IGNORE_ENC.rawValue }
    unsafe xmlCtxtUseOptions(context, Int32(options))
  }

  deinit {
    // Entities that a file declares are kept in a document, even where none is built.
    unsafe xmlFreeDoc(context.pointee.myDoc)
    unsafe xmlFreeParserCtxt(context)
  }

  var kind: Sitemap.Kind? { reader.kind }

  /// Whether the root is something else, or the parser has given up.
  var isDone: Bool { unsafe context.pointee.disableSAX != 0 || reader.isSomethingElse }

  func read(_ piece: ArraySlice<UInt8>) -> [Sitemap.Entry] {
    parse(isWide ? piece : ampersands.escape(piece))
    return reader.takeEntries()
  }

  func finish() -> [Sitemap.Entry] {
    if !isWide { parse(ampersands.escape([], isLast: true)) }
    unsafe xmlParseChunk(context, "", 0, 1)
    return reader.takeEntries()
  }

  private func parse(_ piece: ArraySlice<UInt8>) {
    cxml_silence()
    unsafe piece.withUnsafeBytes { buffer in
      var rest = unsafe buffer[...]
      while unsafe !rest.isEmpty, !isDone {
        let part = unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 16))
        unsafe xmlParseChunk(context, part.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(part.count), 0)
        unsafe rest = unsafe rest.dropFirst(part.count)
      }
    }
  }

  private static func elements(_ context: UnsafeMutableRawPointer?) -> SitemapElements {
    unsafe Unmanaged<SitemapElements>.fromOpaque(context!).takeUnretainedValue()
  }

  /// Whether the parser can read the encoding that is declared, if any is, and the declaration itself is written in it.
  private static func knowsEncoding(_ beginning: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: beginning, as: UTF8.self)
    guard text.hasPrefix("<?xml"), let end = text.firstRange(of: "?>"),
      let mark = text[..<end.lowerBound].firstRange(of: "encoding")
    else { return true }
    let value = text[mark.upperBound..<end.lowerBound].drop { $0 == " " || $0 == "=" }
    guard let quote = value.first, quote == "\"" || quote == "'" else { return true }
    let name = String(value.dropFirst().prefix { $0 != quote })
    guard let handler = unsafe xmlFindCharEncodingHandler(name) else { return false }
    defer { unsafe xmlCharEncCloseFunc(handler) }
    // What could be read thus far is no UTF-16, whatever it says.
    let (bytes, decoded) = unsafe (xmlBufferCreate(), xmlBufferCreate())
    defer {
      unsafe xmlBufferFree(bytes)
      unsafe xmlBufferFree(decoded)
    }
    unsafe xmlBufferCCat(bytes, "<?xml")
    guard unsafe xmlCharEncInFunc(handler, decoded, bytes) > 0, let content = unsafe xmlBufferContent(decoded) else {
      return false
    }
    return unsafe String(cString: content) == "<?xml"
  }
}
