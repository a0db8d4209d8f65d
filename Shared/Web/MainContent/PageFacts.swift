/// Numeric facts about a page's head and structure from which ``PageGuess`` predicts its kind.
struct PageFacts {
  /// The hashes of the title's words in lower case.
  private(set) var title: Set<UInt32> = []
  private var openGraphType = ""
  private var address = ""
  private var generator = ""
  private var types: Set<String> = []

  /// - Parameter url: the URL of the page, used if the page declares none.
  init(_ document: HTMLDocument, url: NormalizedURL) {
    for index in document.nodes.indices {
      switch document.nodes[index].tag {
      case .title where title.isEmpty: title.formUnion(Self.words(document.text(of: index)))
      case .meta: readMeta(document, index)
      case .link:
        if document.value(.rel, of: index)?.lowercased() == "canonical" {
          address = document.value(.href, of: index) ?? address
        }
      case .script:
        if document.value(.type, of: index)?.lowercased() == "application/ld+json", index + 1 < document.nodes.count {
          readTypes(document.textBytes(of: index + 1))
        }
      default: break
      }
    }
    if address.isEmpty, url.host != "localhost" { address = url.description }
  }

  private mutating func readMeta(_ document: HTMLDocument, _ index: Int) {
    guard let name = (document.value(.property, of: index) ?? document.value(.name, of: index))?.lowercased() else {
      return
    }
    let content = document.value(.content, of: index) ?? ""
    switch name {
    case "og:type": openGraphType = content.lowercased()
    case "og:url": if address.isEmpty { address = content }
    case "og:title": title.formUnion(Self.words(content))
    case "generator": generator += " " + content.lowercased()
    default: break
    }
  }

  private static func words(_ text: String) -> [UInt32] { TextStatistics(Array(text.utf8)[...]).firstWords }

  /// Extracts the strings after `"@type":`, including those in an array. This also works for broken JSON.
  private mutating func readTypes(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while let key = rest.firstRange(of: Array("\"@type\"".utf8)) {
      rest = rest[key.upperBound...].drop { $0 <= 0x20 || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "[") }
      guard rest.first == UInt8(ascii: "\"") else { continue }
      let name = rest.dropFirst().prefix { (0x41...0x7a).contains($0) }
      if name.count < 40, types.count < 40 { types.insert(String(decoding: name, as: UTF8.self)) }
      rest = rest[name.endIndex...]
    }
  }

  /// The names of the values of ``numbers(_:)``, in the same order.
  static let names: [String] =
    [
      "words", "links", "blocks", "long", "articles", "main", "largestArticle", "headings", "prices", "h2", "h3", "pre",
      "tables", "forms",
      "items", "holder", "candidate", "dates", "candidateLong", "perBlock", "longestBlock", "quotes", "sections",
      "buttons",
      "paragraphs", "ogNone", "urlNone", "urlDepth", "urlLast", "urlHyphens", "urlDigits",
    ]
    + openGraphTypes.map { "og:" + $0 } + schemaTypes.map { "ld:" + $0[0] } + generators.map { "by:" + $0 }
    + pathWords.map { "/" + $0 }

  private static let openGraphTypes = ["article", "product", "website", "profile", "video"]
  private static let schemaTypes = [
    ["Article", "NewsArticle", "BlogPosting", "TechArticle", "Report", "ScholarlyArticle"],
    ["Product", "ProductGroup"],
    ["DiscussionForumPosting", "QAPage", "Question"],
    ["CollectionPage", "ItemList", "SearchResultsPage", "OfferCatalog"], ["FAQPage"],
    ["BreadcrumbList"], ["Organization", "LocalBusiness"], ["Service", "SoftwareApplication"], ["WebPage"],
  ]
  private static let generators = [
    "wordpress", "discourse", "phpbb", "vbulletin", "xenforo", "sphinx", "docusaurus", "mediawiki", "shopify", "wix",
    "hugo", "drupal",
    "invision", "mkdocs", "woocommerce", "squarespace",
  ]
  private static let pathWords = [
    "blog", "news", "article", "product", "products", "collections", "category", "docs", "doc", "documentation", "wiki",
    "forum", "forums",
    "thread", "threads", "topic", "t", "questions", "shop", "services", "solutions", "pricing", "about", "guide", "api",
    "reference", "p",
    "tag", "archive", "reviews", "courses", "collection", "post", "posts", "help", "support", "learn",
  ]

  func numbers(_ shape: PageShape) -> [Float] {
    let page = shape.page
    let words = Float(max(shape.words, 1))
    let count = Float(page.blocks.count)
    var tags = [Float](repeating: 0, count: 256)
    for element in page.elements { tags[Int(element.tag.rawValue)] += 1 }
    func number(of tag: Tag) -> Float { logarithm(tags[Int(tag.rawValue)]) }
    func isPriced(_ block: TextBlocks.Block) -> Bool { block.statistics.hasPrice && block.words < 40 }
    let isEmpty = page.elements.isEmpty
    let paragraphs = page.blocks.reduce(0) { $0 + (page.elements[$1.element].tag == .p ? $1.words : 0) }
    var numbers: [Float] = [
      logarithm(words), Float(shape.linkWords) / words, logarithm(count), Float(shape.longWords) / words,
      logarithm(Float(shape.articles)),
      Float(shape.mainWords) / words, Float(shape.largestArticle) / words,
      Float(page.elements.count { $0.tag == .h1 && !$0.blocks.isEmpty }),
      logarithm(Float(page.blocks.count(where: isPriced))),
      number(of: .h2), number(of: .h3), number(of: .pre), number(of: .table), number(of: .form), number(of: .li),
      isEmpty ? 0 : Float(shape.words(of: shape.holder)) / words,
      isEmpty ? 0 : Float(shape.words(of: shape.candidate)) / words,
      logarithm(Float(page.blocks.count { $0.statistics.hasDate })),
      isEmpty ? 0 : Float(shape.longWords(of: shape.candidate)) / Float(max(shape.longWords, 1)),
      logarithm(words / max(count, 1)),
      logarithm(Float(page.blocks.map(\.words).max() ?? 0)), number(of: .blockquote),
      number(of: .section), number(of: .button), Float(paragraphs) / words, openGraphType.isEmpty ? 1 : 0,
      address.isEmpty ? 1 : 0,
    ]
    let path = self.path
    let segments = path.split(separator: "/")
    numbers += [
      Float(segments.count), Float(segments.last?.utf8.count ?? 0),
      Float(segments.last?.utf8.count { $0 == 0x2d } ?? 0),
      Float(path.utf8.count { (0x30...0x39).contains($0) }),
    ]
    let addressWords = Set(segments).union(host.split { $0 == "." })
    numbers += Self.openGraphTypes.map {
      openGraphType.hasPrefix($0) || $0 == "product" && openGraphType.contains($0) ? 1 : 0
    }
    numbers += Self.schemaTypes.map { types.isDisjoint(with: $0) ? 0 : 1 }
    numbers += Self.generators.map { generator.contains($0) ? 1 : 0 }
    numbers += Self.pathWords.map { addressWords.contains($0[...]) ? 1 : 0 }
    return numbers
  }

  private var host: String {
    let rest = address.lowercased().firstRange(of: "://").map { address.lowercased()[$0.upperBound...] } ?? ""
    return String(rest.prefix { $0 != "/" })
  }

  private var path: String {
    let lower = address.lowercased()
    let rest = lower.firstRange(of: "://").map { lower[$0.upperBound...].drop { $0 != "/" } } ?? lower[...]
    return String(rest.prefix { $0 != "?" && $0 != "#" })
  }
}
