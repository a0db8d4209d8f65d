import CXML

/// Sitemaps and feeds through libxml2's event parser: no tree, no entities expanded, nothing else fetched.
enum SitemapXML {
  private static let start: Void = { xmlInitParser() }()

  static func parse(_ bytes: [UInt8]) -> Sitemap? {
    start
    let reader = Reader()
    var handler = unsafe xmlSAXHandler()
    unsafe handler.initialized = XML_SAX2_MAGIC
    unsafe handler.startElementNs = { context, name, _, _, _, _, count, _, attributes in
      guard let context = unsafe context, let name = unsafe name else { return }
      let reader = unsafe Unmanaged<Reader>.fromOpaque(context).takeUnretainedValue()
      unsafe reader.open(String(cString: name), Int(count), attributes)
    }
    unsafe handler.endElementNs = { context, name, _, _ in
      guard let context = unsafe context, let name = unsafe name else { return }
      unsafe Unmanaged<Reader>.fromOpaque(context).takeUnretainedValue().close(String(cString: name))
    }
    let characters: charactersSAXFunc = { context, text, count in
      guard let context = unsafe context, let text = unsafe text else { return }
      unsafe Unmanaged<Reader>.fromOpaque(context).takeUnretainedValue()
        .addText(UnsafeBufferPointer(start: text, count: Int(count)))
    }
    unsafe handler.characters = unsafe characters
    unsafe handler.cdataBlock = unsafe characters
    let opaque = unsafe Unmanaged.passUnretained(reader).toOpaque()
    guard let context = unsafe xmlCreatePushParserCtxt(&handler, opaque, nil, 0, nil) else { return nil }
    defer {
      // Entities that a file declares are kept in a document, even where none is built.
      unsafe xmlFreeDoc(context.pointee.myDoc)
      unsafe xmlFreeParserCtxt(context)
    }
    unsafe xmlCtxtUseOptions(
      context,
      Int32(XML_PARSE_RECOVER.rawValue | XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue))
    unsafe bytes.withUnsafeBytes { buffer in
      let base = unsafe buffer.baseAddress!.assumingMemoryBound(to: CChar.self)
      var offset = 0
      while offset < buffer.count, !reader.isFull {
        let count = min(1 << 16, buffer.count - offset)
        unsafe xmlParseChunk(context, base + offset, Int32(count), 0)
        offset += count
      }
      unsafe xmlParseChunk(context, base, 0, 1)
    }
    return reader.sitemap
  }

  private final class Reader {
    private var kind: Sitemap.Kind?
    private var entries: [Sitemap.Entry] = []
    private var depth = 0
    /// Where the entry in hand is; only its children are its own, not those of images, videos and sources in it.
    private var entryDepth: Int?
    private var location: String?
    private var lastModified: String?
    private var text: [UInt8]?

    var isFull: Bool { entries.count >= Sitemap.maximumEntries }
    var sitemap: Sitemap? { kind.map { Sitemap(kind: $0, entries: entries) } }

    func open(_ name: String, _ count: Int, _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?) {
      defer { depth += 1 }
      let isInEntry = entryDepth.map { depth == $0 + 1 } ?? false
      switch name {
      case "urlset" where depth == 0: kind = .pages
      case "sitemapindex" where depth == 0: kind = .index
      case "rss" where depth == 0, "RDF" where depth == 0, "feed" where depth == 0: kind = .feed
      case "url", "sitemap", "item", "entry":
        entryDepth = depth
        location = nil
        lastModified = nil
      case "link" where isInEntry && kind == .feed:
        text = []
        // Atom's link is an attribute, and only the one that leads to the page counts.
        let values = unsafe Self.dictionary(count, attributes)
        if let href = values["href"], values["rel"] ?? "alternate" == "alternate", location == nil { location = href }
      case "loc" where isInEntry && kind != .feed, "lastmod" where isInEntry, "pubDate" where isInEntry, "updated" where isInEntry:
        text = []
      default: break
      }
    }

    func close(_ name: String) {
      depth -= 1
      switch name {
      case "loc", "link": if let value = takeText(), location == nil { location = value }
      case "lastmod", "pubDate", "updated": if let value = takeText() { lastModified = value }
      case "url", "sitemap", "item", "entry":
        if let location, kind != nil, !isFull { entries.append(.init(location: location, lastModified: lastModified)) }
        entryDepth = nil
      default: break
      }
    }

    func addText(_ piece: UnsafeBufferPointer<UInt8>) {
      guard let text, text.count + piece.count <= 4096 else { return }
      unsafe self.text?.append(contentsOf: piece)
    }

    private func takeText() -> String? {
      defer { text = nil }
      guard let text else { return nil }
      let value = String(decoding: text, as: UTF8.self).folded
      return value.isEmpty ? nil : value
    }

    private static func dictionary(
      _ count: Int, _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
    ) -> [String: String] {
      guard let attributes = unsafe attributes else { return [:] }
      var values: [String: String] = [:]
      for index in 0..<count {
        // Five pointers each: local name, prefix, URI, and where the value begins and ends.
        let five = unsafe attributes + index * 5
        guard let name = unsafe five[0], let start = unsafe five[3], let end = unsafe five[4] else { continue }
        unsafe values[String(cString: name)] = String(decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)
          // Where entities are not expanded, libxml2 writes the ampersand of an attribute so.
          .replacing("&#38;", with: "&")
      }
      return values
    }
  }
}
