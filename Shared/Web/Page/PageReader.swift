/// Parses an HTML document into a ``Page``, optionally with its main content as Markdown.
package struct PageReader {
  private let document: HTMLDocument
  private let content: MainContent
  private let regions: PageRegions
  private let agent: String
  private var page: Page

  /// Parses a page.
  ///
  /// - Parameters:
  ///   - bytes: the response body.
  ///   - charset: the encoding from the `Content-Type` header.
  ///   - agent: the crawler's product token; robots meta elements may be addressed to it.
  package static func read(_ bytes: [UInt8], url: NormalizedURL, charset: String? = nil, agent: String = defaultAgent)
    -> Page
  {
    var reader = PageReader(bytes, url, charset, agent)
    return reader.readPage()
  }

  /// Parses a page and renders its main content as Markdown with headings, lists, tables, code and links.
  package static func readWithMarkdown(
    _ bytes: [UInt8], url: NormalizedURL, charset: String? = nil, agent: String = defaultAgent
  ) -> (page: Page, markdown: String) {
    var reader = PageReader(bytes, url, charset, agent)
    let page = reader.readPage()
    return (page, MarkdownRenderer(reader.document, reader.content, base: page.base ?? url).render())
  }

  package static let defaultAgent = "LLMTxtMastery"

  private init(_ bytes: [UInt8], _ url: NormalizedURL, _ charset: String?, _ agent: String) {
    self.agent = agent.lowercased()
    document = HTMLParser.parse(Charset.utf8(bytes, headerCharset: charset))
    content = MainContent(document, url: url)
    regions = PageRegions(document)
    page = Page(url: url)
  }

  private mutating func readPage() -> Page {
    readMetadata()
    readContent()
    readLinks()
    readBreadcrumbs()
    readStructuredData()
    return page
  }

  private func resolve(_ reference: String?) -> NormalizedURL? {
    guard let reference, !reference.isEmpty else { return nil }
    return try? NormalizedURL(reference, relativeTo: page.base ?? page.url)
  }

  // MARK: Metadata

  private mutating func readMetadata() {
    var scripts = 0
    var openGraph: [String: String] = [:]
    var isInSVG = 0
    for index in document.nodes.indices {
      if index < isInSVG { continue }
      switch document.nodes[index].tag {
      case .svg: isInSVG = Int(document.nodes[index].end)
      case .html: page.language = page.language ?? nonEmpty(document.value(.lang, of: index))
      case .base: page.base = page.base ?? resolve(document.value(.href, of: index))
      case .title where page.title == nil: page.title = nonEmpty(titleText(index).withoutMarkup)
      case .meta: readMeta(index, &openGraph)
      case .link: readLinkElement(index)
      case .script: if isExecutableScript(index) { scripts += 1 }
      case .pre: page.codeBlocks += 1
      case .input:
        if document.value(.type, of: index)?.lowercased() == "password" { page.hasPasswordField = true }
      default: break
      }
    }
    page.title = page.title ?? nonEmpty(openGraph["og:title"])
    page.description = page.description ?? nonEmpty(openGraph["og:description"])
    page.isOffer =
      openGraph["og:type"]?.lowercased().hasPrefix("product") ?? false
      || openGraph["og:type"]?.lowercased() == "og:product"
    page.siteName = nonEmpty(openGraph["og:site_name"]) ?? page.siteName
    page.modified = nonEmpty(
      openGraph["article:modified_time"] ?? openGraph["og:updated_time"] ?? openGraph["article:published_time"])
    page.language = page.language ?? nonEmpty(openGraph["og:locale"]?.replacing("_", with: "-"))
    page.isScriptShell =
      scripts > 0
      && (content.allWords < 30 && hasMountPoint()
        || content.allWords < Self.shortPageWords && containsOnlyMountPoints())
  }

  /// The text of a title including nested elements, which are invalid but occur in broken pages.
  private func titleText(_ index: Int) -> String {
    var line = FoldedText()
    for node in index..<Int(document.nodes[index].end) where document.nodes[node].tag == .text {
      line.append(document.textBytes(of: node))
    }
    return line.string
  }

  private mutating func readMeta(_ index: Int, _ openGraph: inout [String: String]) {
    guard let content = nonEmpty(document.value(.content, of: index)?.folded.withoutMarkup) else { return }
    if let property = document.value(.property, of: index)?.lowercased(), openGraph[property] == nil {
      openGraph[property] = content
    }
    if document.value(.httpEquiv, of: index)?.lowercased() == "refresh" { readRefresh(content) }
    switch document.value(.name, of: index)?.lowercased() {
    case "description": page.description = page.description ?? content
    case "robots", agent:
      page.add(RobotsDirectives(meta: content))
    case "generator": page.generator = page.generator ?? content
    case "application-name": page.siteName = page.siteName ?? content
    case "og:description", "og:title", "og:site_name":
      // Many pages write `name` instead of `property`.
      if let name = document.value(.name, of: index)?.lowercased(), openGraph[name] == nil { openGraph[name] = content }
    default: break
    }
  }

  private mutating func readRefresh(_ content: String) {
    if let target = RefreshDirective.target(of: content, within: 5) { page.refreshURL = resolve(target) }
  }

  private mutating func readLinkElement(_ index: Int) {
    guard let rel = document.value(.rel, of: index)?.lowercased() else { return }
    let words = rel.split(separator: " ")
    let href = document.value(.href, of: index)
    if words.contains("canonical") { page.canonical = page.canonical ?? resolve(href) }
    if words.contains("sitemap") { page.sitemapURL = page.sitemapURL ?? resolve(href) }
    guard words.contains("alternate"), let url = resolve(href) else { return }
    let type = document.value(.type, of: index)?.lowercased() ?? ""
    if type == "application/rss+xml" || type == "application/atom+xml" {
      page.feedURL = page.feedURL ?? url
    } else if let language = nonEmpty(document.value(.hreflang, of: index)) {
      page.alternates.append(.init(language: language, url: url))
    } else if type.hasPrefix("text/markdown") {
      page.markdownURL = page.markdownURL ?? url
    }
  }

  /// True if a script is executable code rather than data.
  private func isExecutableScript(_ index: Int) -> Bool {
    guard let type = document.value(.type, of: index)?.lowercased(), !type.isEmpty else { return true }
    return type == "module" || type.contains("javascript") || type.contains("ecmascript")
  }

  /// True if the page has a mount point of a script framework: an element such as `<div id="root"></div>`, or an empty
  /// custom element.
  private func hasMountPoint() -> Bool {
    let names: Set<String> = [
      "root", "app", "__next", "__nuxt", "app-root", "svelte", "gatsby", "___gatsby", "main-app", "q-app",
    ]
    return document.nodes.indices.contains { index in
      guard [.div, .main, .section, .custom].contains(document.nodes[index].tag) else { return false }
      return document.nodes[index].tag == .custom && Int(document.nodes[index].end) == index + 1
        || document.isNamed(index, names)
    }
  }

  /// Even a short page has more words than this.
  private static let shortPageWords = 12

  /// True if the body contains only scripts and empty mount points, and no links. Up to three words (such as "Loading
  /// …" beside a mount point) are ignored.
  private func containsOnlyMountPoints() -> Bool {
    guard let body = document.nodes.firstIndex(where: { $0.tag == .body }) else { return false }
    var index = body + 1
    var emptyElements = 0
    var words = 0
    while index < Int(document.nodes[body].end) {
      let node = document.nodes[index]
      switch node.tag {
      case .script, .style, .noscript, .template, .svg:
        index = Int(node.end)
        continue
      case .text: words += document.textBytes(of: index).split { $0 <= 0x20 }.count
      case .div, .main, .section, .span, .custom: if Int(node.end) == index + 1 { emptyElements += 1 }
      case .link, .meta, .base, .br: break
      default: return false
      }
      index += 1
    }
    return words == 0 || words <= 3 && emptyElements > 0
  }

  // MARK: Content

  private mutating func readContent() {
    page.words = content.words
    page.proseShare = content.allWords == 0 ? 0 : content.proseWords * 100 / content.allWords
    page.prices = content.prices
    page.linkDensity = content.words == 0 ? 0 : content.linkWords * 100 / content.words
    var lines: [String] = []
    for block in content.blocks where block.isIncluded {
      let text = block.text
      if block.isSelected { lines.append(text) }
      if let level = block.headingLevel {
        if let own = nonEmpty(headingText(of: block).withoutMarkup) {
          page.headings.append(.init(level: level, text: own))
        }
      } else if block.isParagraph, page.paragraphs.count < 8, block.linkWords * 2 <= block.words {
        page.paragraphs.append(String(text.prefix(Self.maximumParagraph)))
      }
    }
    page.description = page.description ?? manualPageDescription()
    page.text = lines.joined(separator: "\n")
    page.fingerprint = Int(truncatingIfNeeded: TextBlocks.hash(of: Array(page.text.utf8)[...]))
    page.heading =
      page.headings.first { $0.level == 1 }?.text
      ?? nonEmpty(content.firstHeading.map(headingText)?.withoutMarkup)
  }

  private func headingText(of block: MainContent.Block) -> String {
    document.headingText(in: block.nodes, of: block.element, title: page.title) ?? block.text
  }

  /// The description of a manual page: the line below the heading `NAME`, or below the name itself, such as `git-add -
  /// Add file contents to the index`.
  private func manualPageDescription() -> String? {
    for (heading, line) in zip(content.blocks, content.blocks.dropFirst()).prefix(30)
    where heading.headingLevel != nil && line.headingLevel == nil && line.words <= 40 {
      let text = document.text(of: line.element)
      guard
        let dash = [" - ", " – ", " — "].compactMap({ text.firstRange(of: $0) }).min(by: {
          $0.lowerBound < $1.lowerBound
        })
      else { continue }
      let own = document.text(of: heading.element)
      let names = text[..<dash.lowerBound].split { $0 == "," || $0 == " " }
      guard (1...4).contains(names.count), own.lowercased() == "name" || names.contains(where: { $0 == own }) else {
        continue
      }
      return nonEmpty(String(text[dash.upperBound...]))
    }
    return nil
  }

  private mutating func readLinks() {
    var heading: String?
    var block = 0
    /// The end nodes of the lists around the current node.
    var lists: [Int32] = []
    var groups = LinkGroups(document)
    let limit = maximumLinks
    for index in document.nodes.indices {
      let node = document.nodes[index]
      groups.enter(index, regions[index])
      while let end = lists.last, end <= index { lists.removeLast() }
      if [.ul, .ol, .dl].contains(node.tag) { lists.append(node.end) }
      while block < content.blocks.count, content.blocks[block].nodes.lowerBound <= index {
        // This includes headings above mere lists of links, which are not part of the page's text.
        if content.blocks[block].headingLevel != nil {
          heading = nonEmpty(document.text(of: content.blocks[block].element, limit: 300))
        }
        block += 1
      }
      if page.links.count >= limit { return }
      if node.tag == .frame, let source = nonEmpty(document.value(.src, of: index)) {
        page.links.append(
          .init(reference: source, hasFragment: false, text: "", region: .content, listDepth: 0, heading: nil))
      } else if node.tag == .a, let href = document.value(.href, of: index) {
        let reference = String(href.prefix { $0 != "#" })
        if !reference.isEmpty, !reference.hasPrefix("javascript:"), !reference.hasPrefix("mailto:") {
          let text = document.linkText(of: index, limit: Self.maximumLine)
          page.links.append(
            .init(
              reference: reference, hasFragment: reference.utf8.count < href.utf8.count,
              text: String(
                (text.isEmpty ? document.value(.ariaLabel, of: index)?.folded ?? "" : text).prefix(Self.maximumLine)),
              region: regions[index], listDepth: lists.count, heading: heading,
              groups: groups.names))
        }
      }
    }
  }

  private mutating func readBreadcrumbs() {
    for index in document.nodes.indices where document.nodes[index].tag != .text {
      // Matches `class="breadcrumbs"`, `aria-label="Breadcrumb"` and similar.
      guard
        [.class, .id, .ariaLabel].contains(where: {
          document.attributeBytes($0, of: index)?.contains("readcrumb") ?? false
        })
      else { continue }
      for link in index..<Int(document.nodes[index].end) where document.nodes[link].tag == .a {
        if page.breadcrumbs.count >= Self.maximumBreadcrumbs { return }
        let text = document.text(of: link, limit: Self.maximumLine)
        if !text.isEmpty, text.count <= Self.maximumBreadcrumbLength { page.breadcrumbs.append(text) }
      }
      return
    }
  }

  private static let maximumBreadcrumbs = 20
  private static let maximumBreadcrumbLength = 200

  /// The maximum number of links per page, lower for a long base URL: each link is resolved against the base and
  /// compared with all others, so a page with a million links could exhaust the crawler.
  private var maximumLinks: Int { min(20_000, (2 << 20) / max(100, (page.base ?? page.url).path.utf8.count)) }

  /// Fills in properties from JSON-LD that the page's own markup does not provide.
  private mutating func readStructuredData() {
    let blocks = document.nodes.indices.lazy.filter { [document] in
      document.nodes[$0].tag == .script
        && document.value(.type, of: $0)?.lowercased().hasPrefix("application/ld+json") ?? false
        && Int(document.nodes[$0].end) > $0 + 1
    }.prefix(50).map { [document] in document.textBytes(of: $0 + 1) }
    let data = StructuredData(Array(blocks), url: page.url)
    page.types = Array(data.types.prefix(20))
    page.isOffer = page.isOffer || page.types.contains("Product") || page.types.contains("ProductGroup")
    page.title = page.title ?? data.title
    page.description = page.description ?? data.description
    page.language = page.language ?? data.language
    page.siteName = page.siteName ?? data.siteName
    page.modified = page.modified ?? data.modified
    if page.breadcrumbs.isEmpty { page.breadcrumbs = data.breadcrumbs }
  }

  /// The maximum number of characters of a title, description or label; longer ones are mistakes or attacks.
  private static let maximumLine = 1000
  /// The maximum number of characters per paragraph; enough to see its subject.
  private static let maximumParagraph = 4000

  private func nonEmpty(_ text: String?) -> String? {
    text.flatMap { $0.isEmpty ? nil : String($0.prefix(Self.maximumLine)) }
  }
}

extension ArraySlice<UInt8> {
  fileprivate func contains(_ text: StaticString) -> Bool {
    guard count >= text.utf8CodeUnitCount else { return false }
    return unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount).withMemoryRebound(
      to: UInt8.self
    ) { pattern in
      (startIndex...(endIndex - pattern.count)).contains {
        unsafe self[$0] == pattern[0] && self[$0..<($0 + pattern.count)].elementsEqual(pattern)
      }
    }
  }
}
