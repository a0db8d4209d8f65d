import FoundationEssentials

/// What a page's JSON-LD says of the page itself (schema.org), tolerant of how it is written: one object or many, a
/// graph,
/// texts where objects are meant, and blocks that are no JSON at all, which say nothing.
struct StructuredData {
  /// Of the thing that the page is about: `Product`, `FAQPage`, …
  private(set) var types: [String] = []
  private(set) var title: String?
  private(set) var description: String?
  private(set) var language: String?
  /// When it was changed, else published.
  private(set) var modified: String?
  private(set) var siteName: String?
  /// The names above the page's own, the home page first.
  private(set) var breadcrumbs: [String] = []

  /// What is larger is data, not what a page says of itself.
  private static let maximumBytes = 256 << 10
  private static let maximumNodes = 200

  /// - Parameters:
  ///   - blocks: the scripts' texts.
  ///   - url: the page.
  init(_ blocks: [ArraySlice<UInt8>], url: NormalizedURL) {
    var nodes: [Node] = []
    for block in blocks where block.count <= Self.maximumBytes {
      for node in Self.decode(block)?.values ?? [] { Self.flatten(node, into: &nodes) }
    }
    guard !nodes.isEmpty else { return }
    siteName = nodes.first { $0.has("WebSite") }?.name?.line
    // A thing such as a product says more than the page that holds it, and both more than a list or a person beside
    // them.
    let things = nodes.filter { $0.isThing }
    let pages = nodes.filter { $0.isPage }
    types = (things + pages).flatMap { $0.type?.texts ?? [] }.map(Self.bareType)
    title = (things + pages).lazy.compactMap { $0.headline?.line ?? $0.name?.line }.first
    description = (things + pages).lazy.compactMap { $0.description?.line }.first
    language = (things + pages + nodes).lazy.compactMap { $0.inLanguage?.line }.first
    modified =
      (things + pages).lazy.compactMap { $0.dateModified?.line }.first
      ?? (things + pages).lazy.compactMap { $0.datePublished?.line }.first
    let trail =
      nodes.first { $0.has("BreadcrumbList") }
      ?? nodes.lazy.compactMap(\.breadcrumb?.values.first).first { $0.itemListElement != nil }
    if let trail { breadcrumbs = Self.names(in: trail, url) }
  }

  private static func decode(_ block: ArraySlice<UInt8>) -> OneOrMany<Node>? {
    // Line ends in strings are no JSON, and comments of HTML neither; some write both.
    var text = block.map { $0 < 0x20 ? 0x20 : $0 }[...]
    for mark in ["<!--", "//<![CDATA[", "<![CDATA["] {
      text = text.drop { $0 == 0x20 }
      if text.starts(with: mark.utf8) { text = text.dropFirst(mark.utf8.count) }
    }
    for mark in ["//-->", "-->", "//]]>", "]]>", ";"] {
      while text.last == 0x20 { text.removeLast() }
      if text.count >= mark.utf8.count, text.suffix(mark.utf8.count).elementsEqual(mark.utf8) {
        text.removeLast(mark.utf8.count)
      }
    }
    guard text.contains(where: { $0 > 0x20 }) else { return nil }
    let data = Data(text)
    let decoder = JSONDecoder()
    if let nodes = try? decoder.decode(OneOrMany<Node>.self, from: data) { return nodes }
    // Commas too many, and single quotes.
    decoder.allowsJSON5 = true
    return try? decoder.decode(OneOrMany<Node>.self, from: data)
  }

  private static func flatten(_ node: Node, into nodes: inout [Node]) {
    guard nodes.count < maximumNodes else { return }
    if node.type != nil { nodes.append(node) }
    for inner in (node.graph?.values ?? []) + (node.mainEntity?.values ?? []) { flatten(inner, into: &nodes) }
  }

  /// `Product` of `https://schema.org/Product`.
  private static func bareType(_ type: String) -> String {
    type.lastIndex { $0 == "/" || $0 == ":" || $0 == "#" }.map { String(type[type.index(after: $0)...]) } ?? type
  }

  private static func names(in trail: Node, _ url: NormalizedURL) -> [String] {
    var entries = (trail.itemListElement?.values ?? []).prefix(20).enumerated().compactMap {
      order, entry -> (Double, String, String?)? in
      guard let name = entry.name?.line ?? entry.item?.values.first?.name?.line else { return nil }
      let address = entry.item?.values.first.flatMap { $0.id?.line ?? $0.url?.line ?? $0.text }
      return (entry.position?.number ?? Double(order), name, address)
    }
    entries.sort { $0.0 < $1.0 }
    // The last is the page itself, unless it leads elsewhere.
    if let last = entries.last {
      let target = last.2.flatMap { try? NormalizedURL($0, relativeTo: url) }
      if target == nil || target?.pageIdentity == url.pageIdentity { entries.removeLast() }
    }
    return entries.map(\.1)
  }
}

extension StructuredData {
  /// The part of a JSON-LD object that is read.
  fileprivate struct Node: Decodable {
    var type: Text?, id: Text?, url: Text?
    var name: Text?, headline: Text?, description: Text?, inLanguage: Text?, dateModified: Text?, datePublished: Text?
    var position: Text?
    var graph: OneOrMany<Node>?, mainEntity: OneOrMany<Node>?, breadcrumb: OneOrMany<Node>?
    var itemListElement: OneOrMany<Node>?, item: OneOrMany<Node>?
    /// Where a text stood in the object's place.
    var text: String?

    private enum CodingKeys: String, CodingKey {
      case type = "@type"
      case id = "@id"
      case graph = "@graph"
      case url, name, headline, description, inLanguage, dateModified, datePublished, position, mainEntity, breadcrumb,
        itemListElement, item
    }

    init(from decoder: any Decoder) throws {
      guard let container = try? decoder.container(keyedBy: CodingKeys.self) else {
        text = try? decoder.singleValueContainer().decode(String.self)
        return
      }
      func read<Value: Decodable>(_ key: CodingKeys) -> Value? {
        try? container.decodeIfPresent(Value.self, forKey: key)
      }
      (type, id, url, name, headline) = (read(.type), read(.id), read(.url), read(.name), read(.headline))
      (description, inLanguage, dateModified, datePublished) = (
        read(.description), read(.inLanguage), read(.dateModified), read(.datePublished)
      )
      (position, graph, mainEntity, breadcrumb) = (read(.position), read(.graph), read(.mainEntity), read(.breadcrumb))
      (itemListElement, item) = (read(.itemListElement), read(.item))
    }

    func has(_ type: String) -> Bool { self.type?.texts.contains { StructuredData.bareType($0) == type } ?? false }

    var isPage: Bool { type?.texts.contains { $0.hasSuffix("Page") } ?? false }

    var isThing: Bool {
      !isPage && !(type?.texts.contains { Self.besides.contains(StructuredData.bareType($0)) } ?? true)
    }

    /// What stands on pages of any subject.
    private static let besides: Set<String> = [
      "WebSite", "Organization", "Corporation", "LocalBusiness", "Person", "BreadcrumbList", "ListItem", "ItemList",
      "ImageObject", "VideoObject",
      "SearchAction", "SiteNavigationElement", "WPHeader", "WPFooter", "WPSideBar", "Question", "Answer", "Review",
      "AggregateRating", "Offer", "Place",
      "PostalAddress", "Comment", "Brand",
    ]
  }

  /// A text, several, a number, or an object that names itself, as languages do.
  fileprivate struct Text: Decodable {
    var texts: [String] = []
    var number: Double?

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        texts = [text]
        number = Double(text)
      } else if let number = try? container.decode(Double.self) {
        self.number = number
      } else if let texts = try? container.decode([Text].self) {
        self.texts = texts.flatMap(\.texts)
      } else if let object = try? container.decode(Object.self),
        let text = object.alternateName ?? object.value ?? object.name
      {
        texts = [text]
      }
    }

    private struct Object: Decodable {
      let alternateName: String?, name: String?, value: String?
      private enum CodingKeys: String, CodingKey {
        case alternateName, name
        case value = "@value"
      }
    }

    /// The first, in one line; nil where it is empty.
    var line: String? { texts.lazy.map(\.folded).first { !$0.isEmpty }.map { String($0.prefix(1000)) } }
  }

  fileprivate struct OneOrMany<Value: Decodable>: Decodable {
    let values: [Value]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let many = try? container.decode([Value].self) {
        values = many
      } else {
        values = [try container.decode(Value.self)]
      }
    }
  }
}
