import CXML

/// Parses XML sitemaps and feeds with libxml2's push parser. Builds no tree, expands no entities and fetches nothing.
@safe
final class SitemapXML {
  private static let initializeLibrary: Void = { xmlInitParser() }()

  private let elements = SitemapElements()
  private let context: xmlParserCtxtPtr
  private var ampersands = BareAmpersands()
  private let isWide: Bool

  /// - Parameters:
  ///   - beginning: the start of the file, including the XML declaration if there is one.
  ///   - isWide: true for UTF-16.
  init?(beginning: ArraySlice<UInt8>, isWide: Bool) {
    Self.initializeLibrary
    cxml_silence()
    self.isWide = isWide
    var handler = unsafe xmlSAXHandler()
    unsafe handler.initialized = XML_SAX2_MAGIC
    unsafe handler.startElementNs = { context, name, _, _, _, _, count, _, attributes in
      guard let name = unsafe name else { return }
      unsafe SitemapXML.handler(context).startElement(name, Int(count), attributes)
    }
    unsafe handler.endElementNs = { context, name, _, _ in
      guard let name = unsafe name else { return }
      unsafe SitemapXML.handler(context).endElement(name)
    }
    unsafe handler.characters = { context, text, count in
      unsafe SitemapXML.handler(context).addText(UnsafeBufferPointer(start: text, count: Int(count)))
    }
    unsafe handler.cdataBlock = { context, text, count in
      unsafe SitemapXML.handler(context).addText(UnsafeBufferPointer(start: text, count: Int(count)), isLiteral: true)
    }
    guard
      let context = unsafe xmlCreatePushParserCtxt(&handler, Unmanaged.passUnretained(elements).toOpaque(), nil, 0, nil)
    else { return nil }
    unsafe self.context = unsafe context
    var options =
      XML_PARSE_RECOVER.rawValue | XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
    // The parser stops at an unknown encoding, so ignore such a declaration and parse the file as UTF-8.
    if !isWide, !Self.supportsDeclaredEncoding(beginning) { options |= XML_PARSE_IGNORE_ENC.rawValue }
    unsafe xmlCtxtUseOptions(context, Int32(options))
  }

  deinit {
    // libxml2 stores entities that a file declares in a document, even if it builds no tree.
    unsafe xmlFreeDoc(context.pointee.myDoc)
    unsafe xmlFreeParserCtxt(context)
  }

  var kind: Sitemap.Kind? { elements.kind }

  /// True if the root element is not that of a sitemap, or the parser has stopped.
  var isDone: Bool { unsafe context.pointee.disableSAX != 0 || elements.hasUnknownRoot }

  func parse(_ piece: ArraySlice<UInt8>) -> [Sitemap.Entry] {
    feed(isWide ? piece : ampersands.escape(piece))
    return elements.takeEntries()
  }

  func finish() -> [Sitemap.Entry] {
    if !isWide { feed(ampersands.escape([], isLast: true)) }
    unsafe xmlParseChunk(context, "", 0, 1)
    return elements.takeEntries()
  }

  private func feed(_ piece: ArraySlice<UInt8>) {
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

  private static func handler(_ context: UnsafeMutableRawPointer?) -> SitemapElements {
    unsafe Unmanaged<SitemapElements>.fromOpaque(context!).takeUnretainedValue()
  }

  /// True if the parser supports the declared encoding and the declaration itself is in that encoding, or if none is
  /// declared.
  private static func supportsDeclaredEncoding(_ beginning: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: beginning, as: UTF8.self)
    guard text.hasPrefix("<?xml"), let end = text.firstRange(of: "?>"),
      let mark = text[..<end.lowerBound].firstRange(of: "encoding")
    else { return true }
    let value = text[mark.upperBound..<end.lowerBound].drop { $0 == " " || $0 == "=" }
    guard let quote = value.first, quote == "\"" || quote == "'" else { return true }
    let name = String(value.dropFirst().prefix { $0 != quote })
    guard let handler = unsafe xmlFindCharEncodingHandler(name) else { return false }
    defer { unsafe xmlCharEncCloseFunc(handler) }
    // The declaration could be parsed as ASCII, so the file is not UTF-16, even if the declaration says so.
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
