import CXML

/// Parses HTML with libxml2's SAX parser into an ``HTMLDocument``.
///
/// The tree builder of libxml2 is not used, because it allocates each node and links nodes by pointers.
enum HTMLParser {
  private static let initializeLibrary: Void = { xmlInitParser() }()

  /// - Parameter bytes: the page in UTF-8, regardless of the encoding it declares; see ``Charset``.
  static func parse(_ bytes: [UInt8]) -> HTMLDocument {
    initializeLibrary
    cxml_silence()
    let builder = TreeBuilder()
    builder.document.bytes.reserveCapacity(bytes.count / 2)
    guard !bytes.isEmpty else { return builder.document }
    let bytes = MarkupRepair.repaired(bytes)
    unsafe bytes.withUnsafeBytes { buffer in
      let pointer = unsafe buffer.baseAddress!.assumingMemoryBound(to: CChar.self)
      guard let context = unsafe htmlCreateMemoryParserCtxt(pointer, Int32(buffer.count)) else { return }
      defer { unsafe htmlFreeParserCtxt(context) }
      // Without RECOVER, any end tag in a string of a script would end the script.
      unsafe htmlCtxtUseOptions(
        context,
        Int32(
          HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
            | HTML_PARSE_IGNORE_ENC.rawValue
            | HTML_PARSE_NONET.rawValue | HTML_PARSE_NODEFDTD.rawValue | HTML_PARSE_COMPACT.rawValue))
      // Set explicitly, because otherwise libxml2 switches to Latin-1 at the first non-ASCII byte.
      unsafe context.pointee.charset = Int32(XML_CHAR_ENCODING_UTF8.rawValue)
      let sax = unsafe context.pointee.sax!
      unsafe sax.initialize(to: xmlSAXHandler())
      unsafe sax.pointee.startElement = unsafe startElement
      unsafe sax.pointee.endElement = unsafe endElement
      unsafe sax.pointee.characters = unsafe characters
      unsafe sax.pointee.ignorableWhitespace = unsafe characters
      unsafe sax.pointee.cdataBlock = unsafe characters
      unsafe context.pointee.userData = Unmanaged.passUnretained(builder).toOpaque()
      _ = unsafe htmlParseDocument(context)
    }
    builder.finish()
    return builder.document
  }

  private static let startElement: startElementSAXFunc = { context, name, attributes in
    guard let context = unsafe context, let name = unsafe name else { return }
    let builder = unsafe Unmanaged<TreeBuilder>.fromOpaque(context).takeUnretainedValue()
    builder.open(unsafe builder.tag(name))
    guard var pair = unsafe attributes else { return }
    while let key = unsafe pair[0] {
      if let known = unsafe builder.attributeName(key) {
        let value = unsafe pair[1].map { unsafe UnsafeBufferPointer(start: $0, count: Int(xmlStrlen($0))) }
        unsafe builder.addAttribute(known, value)
      }
      unsafe pair += 2
    }
  }

  private static let endElement: endElementSAXFunc = { context, name in
    guard let context = unsafe context, let name = unsafe name else { return }
    unsafe Unmanaged<TreeBuilder>.fromOpaque(context).takeUnretainedValue().closeNamed(name)
  }

  private static let characters: charactersSAXFunc = { context, text, count in
    guard let context = unsafe context, let text = unsafe text, count > 0 else { return }
    unsafe Unmanaged<TreeBuilder>.fromOpaque(context).takeUnretainedValue()
      .addText(UnsafeBufferPointer(start: text, count: Int(count)))
  }
}

/// Builds the document from SAX events.
private final class TreeBuilder {
  var document = HTMLDocument()
  // libxml2 interns names, so an address identifies a name during one parse.
  private var tags = AddressCache<Tag>()
  private var attributeNames = AddressCache<AttributeName?>()

  func tag(_ name: UnsafePointer<xmlChar>) -> Tag {
    tags.value(at: UInt(bitPattern: name)) { Tag(name: unsafe String(cString: name)) }
  }

  func attributeName(_ name: UnsafePointer<xmlChar>) -> AttributeName? {
    attributeNames.value(at: UInt(bitPattern: name)) { AttributeName.byName[unsafe String(cString: name)] }
  }

  func closeNamed(_ name: UnsafePointer<xmlChar>) { close(unsafe tag(name)) }

  private var open: [Int32] = [0]

  func open(_ tag: Tag) {
    // If the end tag of the head is missing, libxml2 does not end the head at elements unknown to HTML 4, such as
    // `main`.
    if open.count > 1, let innermost = open.last, document.nodes[Int(innermost)].tag == .head, !tag.isHeadElement {
      close(.head)
    }
    let index = Int32(document.nodes.count)
    document.nodes.append(
      .init(tag: tag, parent: open.last!, end: index + 1, start: Int32(document.attributes.count), count: 0))
    open.append(index)
  }

  func addAttribute(_ name: AttributeName, _ value: UnsafeBufferPointer<UInt8>?) {
    let start = document.bytes.count
    if let value = unsafe value { unsafe document.bytes.append(contentsOf: value) }
    document.attributes.append(
      .init(name: name, start: Int32(start), count: Int32(document.bytes.count - start)))
    document.nodes[document.nodes.count - 1].count += 1
  }

  func close(_ tag: Tag) {
    // libxml2 closes the elements that it opened, innermost first. Ignore any other end tag.
    guard open.count > 1, let index = open.last, document.nodes[Int(index)].tag == tag else { return }
    document.nodes[Int(index)].end = Int32(document.nodes.count)
    open.removeLast()
  }

  func addText(_ text: UnsafeBufferPointer<UInt8>) {
    let last = document.nodes.count - 1
    let node = document.nodes[last]
    if node.tag == .text, node.parent == open.last!, Int(node.start + node.count) == document.bytes.count {
      document.nodes[last].count += Int32(text.count)
    } else {
      document.nodes.append(
        .init(
          tag: .text, parent: open.last!, end: Int32(last + 2), start: Int32(document.bytes.count),
          count: Int32(text.count)))
    }
    unsafe document.bytes.append(contentsOf: text)
  }

  func finish() {
    for index in open { document.nodes[Int(index)].end = Int32(document.nodes.count) }
  }
}

/// A direct-mapped cache of values by address.
private struct AddressCache<Value> {
  private var slots: [(address: UInt, value: Value)?] = Array(repeating: nil, count: 256)

  mutating func value(at address: UInt, _ compute: () -> Value) -> Value {
    let slot = Int(truncatingIfNeeded: (address >> 3) ^ (address >> 11)) & 255
    if let known = slots[slot], known.address == address { return known.value }
    let value = compute()
    slots[slot] = (address, value)
    return value
  }
}
