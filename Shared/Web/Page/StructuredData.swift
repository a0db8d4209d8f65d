import FoundationEssentials

/// The JSON-LD metadata of a page (schema.org).
///
/// Accepts many forms: one object or several, a graph, and strings in place of objects. Blocks that are not valid JSON
/// are ignored.
struct StructuredData {
  /// The types of the page's main subject: `Product`, `FAQPage`, …
  private(set) var types: [String] = []
  private(set) var title: String?
  private(set) var description: String?
  private(set) var language: String?
  /// The modification date, else the publication date.
  private(set) var modified: String?
  private(set) var siteName: String?
  /// The names of the breadcrumb trail from the home page down, without the page itself.
  private(set) var breadcrumbs: [String] = []

  /// Larger blocks are skipped: they contain data rather than metadata.
  private static let maximumBytes = 256 << 10
  private static let maximumNodes = 200
  private static let organizations = ["Organization", "Corporation", "LocalBusiness", "NGO", "EducationalOrganization"]

  /// - Parameters:
  ///   - blocks: the contents of the JSON-LD scripts.
  ///   - url: the URL of the page.
  init(_ blocks: [ArraySlice<UInt8>], url: NormalizedURL) {
    var nodes: [Node] = []
    for block in blocks where block.count <= Self.maximumBytes {
      for node in Self.decode(block)?.values ?? [] { Self.flatten(node, into: &nodes) }
    }
    guard !nodes.isEmpty else { return }
    siteName =
      nodes.first { $0.hasType("WebSite") }?.name?.line
      ?? nodes.first { node in Self.organizations.contains(where: node.hasType) }?.name?.line
    // Prefer an entity such as a product, then the page that contains it; lists and persons beside them are less
    // relevant.
    let entities = nodes.filter { $0.isPrimaryEntity }
    let pages = nodes.filter { $0.isPage }
    types = (entities + pages).flatMap { $0.type?.texts ?? [] }.map(Self.bareType)
    title = (entities + pages).lazy.compactMap { $0.headline?.line ?? $0.name?.line }.first
    description = (entities + pages).lazy.compactMap { $0.description?.line }.first
    language = (entities + pages + nodes).lazy.compactMap { $0.inLanguage?.line }.first
    modified =
      (entities + pages).lazy.compactMap { $0.dateModified?.line }.first
      ?? (entities + pages).lazy.compactMap { $0.datePublished?.line }.first
    let trail =
      nodes.first { $0.hasType("BreadcrumbList") }
      ?? nodes.lazy.compactMap(\.breadcrumb?.values.first).first { $0.itemListElement != nil }
    if let trail { breadcrumbs = Self.names(in: trail, url) }
  }

  private static func decode(_ block: ArraySlice<UInt8>) -> OneOrMany<Node>? {
    // Some pages write line breaks in strings, or HTML comments; both are invalid JSON.
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
    // JSON5 accepts extra commas and single quotes.
    decoder.allowsJSON5 = true
    return try? decoder.decode(OneOrMany<Node>.self, from: data)
  }

  private static func flatten(_ node: Node, into nodes: inout [Node]) {
    guard nodes.count < maximumNodes else { return }
    if node.type != nil { nodes.append(node) }
    for inner in (node.graph?.values ?? []) + (node.mainEntity?.values ?? []) { flatten(inner, into: &nodes) }
  }

  /// Removes the namespace: `Product` from `https://schema.org/Product`.
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
    // The last entry is the page itself, unless it links to another page.
    if let last = entries.last {
      let target = last.2.flatMap { try? NormalizedURL($0, relativeTo: url) }
      if target == nil || target?.pageIdentity == url.pageIdentity { entries.removeLast() }
    }
    return entries.map(\.1)
  }
}

extension StructuredData {
  /// The properties of a JSON-LD object that are used.
  fileprivate struct Node: Decodable {
    var type: Text?, id: Text?, url: Text?
    var name: Text?, headline: Text?, description: Text?, inLanguage: Text?, dateModified: Text?, datePublished: Text?
    var position: Text?
    var graph: OneOrMany<Node>?, mainEntity: OneOrMany<Node>?, breadcrumb: OneOrMany<Node>?
    var itemListElement: OneOrMany<Node>?, item: OneOrMany<Node>?
    /// The string, if a string was given instead of an object.
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
      func decode<Value: Decodable>(_ key: CodingKeys) -> Value? {
        try? container.decodeIfPresent(Value.self, forKey: key)
      }
      (type, id, url, name, headline) = (decode(.type), decode(.id), decode(.url), decode(.name), decode(.headline))
      (description, inLanguage, dateModified, datePublished) = (
        decode(.description), decode(.inLanguage), decode(.dateModified), decode(.datePublished)
      )
      (position, graph, mainEntity, breadcrumb) = (
        decode(.position), decode(.graph), decode(.mainEntity), decode(.breadcrumb)
      )
      (itemListElement, item) = (decode(.itemListElement), decode(.item))
    }

    func hasType(_ type: String) -> Bool { self.type?.texts.contains { StructuredData.bareType($0) == type } ?? false }

    var isPage: Bool { type?.texts.contains { $0.hasSuffix("Page") } ?? false }

    var isPrimaryEntity: Bool {
      !isPage && !(type?.texts.contains { Self.secondaryTypes.contains(StructuredData.bareType($0)) } ?? true)
    }

    /// Types that occur on pages about any subject.
    private static let secondaryTypes: Set<String> = [
      "WebSite", "Organization", "Corporation", "LocalBusiness", "Person", "BreadcrumbList", "ListItem", "ItemList",
      "ImageObject", "VideoObject",
      "SearchAction", "SiteNavigationElement", "WPHeader", "WPFooter", "WPSideBar", "Question", "Answer", "Review",
      "AggregateRating", "Offer", "Place",
      "PostalAddress", "Comment", "Brand",
    ]
  }

  /// A string, an array of strings, a number, or an object with a name (such as a `Language`).
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

    /// The first non-empty string on one line, at most 1,000 characters; nil if there is none.
    var line: String? { texts.lazy.map(\.folded).first { !$0.isEmpty }.map { String($0.prefix(1000)) } }
  }

  /// A value or an array of values.
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
