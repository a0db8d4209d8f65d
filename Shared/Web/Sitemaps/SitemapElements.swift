import CXML

/// Gathers the entries of a sitemap or feed from its elements as they open and close.
final class SitemapElements {
  private(set) var kind: Sitemap.Kind?
  /// Whether the outermost element is none of a sitemap's or feed's.
  private(set) var isSomethingElse = false
  private var entries: [Sitemap.Entry] = []
  private var depth = 0
  /// Where the entry in hand is; only its children are its own, not those of images, videos and sources in it.
  private var entryDepth = Int.max
  private var location: String?
  /// A feed's name for the entry that leads to it, too, where there is no other.
  private var permanentLink: String?
  private var lastModified: String?
  private var text: [UInt8] = []
  private var isGathering = false

  /// A longer value is no URL and no date; it is cut short.
  private static let maximumText = 4096

  private enum Element {
    case pages, index, feed, entry, location, link, guid, date, other

    /// By its name without a prefix.
    init(_ name: UnsafePointer<xmlChar>) {
      let name = unsafe UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self)
      func isNamed(_ other: StaticString) -> Bool {
        unsafe xmlStrEqual(name, UnsafeRawPointer(other.utf8Start).assumingMemoryBound(to: CChar.self)) != 0
      }
      switch unsafe UInt8(bitPattern: name.pointee) {
      case UInt8(ascii: "l"):
        self = isNamed("loc") ? .location : isNamed("lastmod") ? .date : isNamed("link") ? .link : .other
      case UInt8(ascii: "u"):
        self = isNamed("url") ? .entry : isNamed("updated") ? .date : isNamed("urlset") ? .pages : .other
      case UInt8(ascii: "s"): self = isNamed("sitemap") ? .entry : isNamed("sitemapindex") ? .index : .other
      case UInt8(ascii: "i"): self = isNamed("item") ? .entry : .other
      case UInt8(ascii: "g"): self = isNamed("guid") ? .guid : .other
      case UInt8(ascii: "e"): self = isNamed("entry") ? .entry : .other
      case UInt8(ascii: "p"): self = isNamed("pubDate") ? .date : .other
      // Atom 0.3 called it so.
      case UInt8(ascii: "m"): self = isNamed("modified") ? .date : .other
      case UInt8(ascii: "f"): self = isNamed("feed") ? .feed : .other
      case UInt8(ascii: "r"): self = isNamed("rss") ? .feed : .other
      case UInt8(ascii: "R"): self = isNamed("RDF") ? .feed : .other
      default: self = .other
      }
    }
  }

  func takeEntries() -> [Sitemap.Entry] {
    defer { entries = [] }
    return entries
  }

  func open(_ name: UnsafePointer<xmlChar>, _ count: Int, _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?)
  {
    defer { depth += 1 }
    let element = unsafe Element(name)
    if depth == 0 {
      switch element {
      case .pages: kind = .pages
      case .index: kind = .index
      case .feed: kind = .feed
      default: isSomethingElse = true
      }
      return
    }
    let isInEntry = depth == entryDepth &+ 1
    switch element {
    case .entry:
      entryDepth = depth
      location = nil
      permanentLink = nil
      lastModified = nil
    case .link where isInEntry && kind == .feed:
      startText()
      // Atom's link is an attribute, and only the one that leads to the page counts.
      let values = unsafe Self.dictionary(count, attributes)
      if let href = values["href"]?.folded, !href.isEmpty, values["rel"] ?? "alternate" == "alternate", location == nil
      {
        location = href
      }
    case .guid where isInEntry && kind == .feed:
      // It is a link unless it says that it is none (RSS 2.0).
      if unsafe Self.dictionary(count, attributes)["isPermaLink"]?.folded.lowercased() != "false" { startText() }
    case .location where isInEntry && kind != .feed, .date where isInEntry: startText()
    default: break
    }
  }

  func close(_ name: UnsafePointer<xmlChar>) {
    depth -= 1
    switch unsafe Element(name) {
    case .location, .link: if let value = takeText(), location == nil { location = value }
    case .guid:
      if let value = takeText(), value.hasPrefix("http://") || value.hasPrefix("https://") { permanentLink = value }
    case .date: if let value = takeText() { lastModified = value }
    case .entry:
      if let location = location ?? permanentLink, kind != nil {
        entries.append(Sitemap.Entry(location: location, lastModified: lastModified))
      }
      location = nil
      entryDepth = Int.max
    default: break
    }
  }

  /// - Parameter isLiteral: whether references in it were none to the parser (a CDATA section), though many a site
  ///   means them.
  func addText(_ piece: UnsafeBufferPointer<UInt8>, isLiteral: Bool = false) {
    guard isGathering, text.count + piece.count <= Self.maximumText else { return }
    if isLiteral {
      text += unsafe String(decoding: piece, as: UTF8.self).replacing("&amp;", with: "&").utf8
    } else {
      unsafe text.append(contentsOf: piece)
    }
  }

  private func startText() {
    text.removeAll(keepingCapacity: true)
    isGathering = true
  }

  private func takeText() -> String? {
    guard isGathering else { return nil }
    isGathering = false
    return SitemapText.line(text[...])
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
      unsafe values[String(cString: name)] = String(
        decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self
      )
      // Where entities are not expanded, libxml2 writes the ampersand of an attribute so.
      .replacing("&#38;", with: "&")
    }
    return values
  }
}
