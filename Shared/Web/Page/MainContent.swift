/// Which of a page's text a reader came for.
///
/// Text is cut into blocks at block-level elements. Those in navigation, banners, footers, asides, forms and dialogs are
/// left out; where the page marks its main region only what is in it counts, else the smallest element that holds most of
/// the running text; and what is nearly all links is a menu unless the whole page is one.
struct MainContent {
  struct Block {
    /// From the first text node to one past the last.
    let nodes: Range<Int>
    /// The block-level element around it.
    let element: Int
    let tag: Tag
    let words: Int
    let linkWords: Int
    let region: Page.Link.Region
    /// Whether it is an item of a list or a cell of a table.
    let isItem: Bool
    var isKept = false

    var headingLevel: Int? { tag.headingLevel }
    var isParagraph: Bool {
      !isItem && [.p, .div, .section, .article, .main, .blockquote, .body].contains(tag)
    }
  }

  private let document: HTMLDocument
  private(set) var blocks: [Block] = []
  /// The region of each node.
  private var regions: [Page.Link.Region] = []
  /// For each node whether it is in an element that holds no text for a reader. Like the regions, found once from the top
  /// down: asking each node's ancestors would take the square of the time in a deeply nested page.
  private var silent: [Bool] = []

  var words: Int { blocks.reduce(0) { $0 + ($1.isKept ? $1.words : 0) } }
  var linkWords: Int { blocks.reduce(0) { $0 + ($1.isKept ? $1.linkWords : 0) } }

  init(_ document: HTMLDocument) {
    self.document = document
    findRegions()
    findBlocks()
    choose()
  }

  func region(of node: Int) -> Page.Link.Region { regions[node] }

  func text(of block: Block) -> String {
    var line = FoldedText()
    for node in block.nodes {
      switch document.nodes[node].tag {
      case .text:
        if !isSilent(node), !document.isPermalink(document.parent(of: node)) { line.append(document.textBytes(of: node)) }
      case .br: line.appendSpace()
      default: break
      }
    }
    return line.string
  }

  /// The first heading outside of navigation, for pages whose content has none.
  var firstHeading: String? {
    blocks.first { $0.headingLevel == 1 && $0.words > 0 }.map(text(of:))
      ?? blocks.first { $0.isKept && ($0.headingLevel ?? 9) <= 2 }.map(text(of:))
  }

  func isSilent(_ node: Int) -> Bool { silent[node] }

  private mutating func findRegions() {
    regions = Array(repeating: .content, count: document.nodes.count)
    silent = Array(repeating: false, count: document.nodes.count)
    var articleEnd = 0
    var names = RegionNames()
    for index in document.nodes.indices.dropFirst() {
      let node = document.nodes[index]
      let parent = document.parent(of: index)
      silent[index] = silent[parent] || document.nodes[parent].tag.isSilent
      let inherited = regions[parent]
      guard inherited == .content, node.tag != .text else {
        regions[index] = inherited
        continue
      }
      regions[index] = ownRegion(index, isInArticle: index < articleEnd, &names) ?? .content
      if index >= articleEnd, [.article, .main, .section].contains(node.tag) { articleEnd = Int(node.end) }
    }
  }

  private func ownRegion(_ index: Int, isInArticle: Bool, _ names: inout RegionNames) -> Page.Link.Region? {
    switch document.nodes[index].tag {
    case .nav: return .navigation
    case .footer: return isInArticle ? nil : .footer
    case .header: return isInArticle ? nil : .header
    case .aside, .dialog, .form, .button, .label: return .aside
    case .body, .html, .main, .text: return nil
    default: break
    }
    let node = document.nodes[index]
    var named: Page.Link.Region?
    for attribute in document.attributes[Int(node.start)..<Int(node.start + node.count)] {
      let value = document.bytes[Int(attribute.start)..<Int(attribute.start + attribute.count)]
      switch attribute.name {
      case .role: if let region = Self.regionsByRole[String(decoding: value, as: UTF8.self).lowercased()] { return region }
      case .hidden: return .aside
      case .ariaHidden: if value.elementsEqual("true".utf8) { return .aside }
      case .class, .id: named = named ?? names.region(of: value)
      default: break
      }
    }
    return named
  }

  private static let regionsByRole: [String: Page.Link.Region] = [
    "navigation": .navigation, "menu": .navigation, "menubar": .navigation, "search": .navigation, "tablist": .navigation,
    "banner": .header, "contentinfo": .footer, "complementary": .aside, "dialog": .aside, "alert": .aside, "alertdialog": .aside,
  ]

  // MARK: Blocks

  private mutating func findBlocks() {
    var current: (first: Int, last: Int, words: Int, linkWords: Int)?
    /// Elements that are open at the node in hand; the block-level ones of them; and how many are items of lists or cells.
    var open: [Int] = []
    var openBlocks: [Int] = []
    var openItems = 0
    var linkEnd = 0
    var index = 1

    func isItem(_ node: Int) -> Bool { [.li, .dd, .dt, .td, .th].contains(document.nodes[node].tag) && regions[node] == .content }
    func finish() {
      guard let run = current, run.words > 0 else { current = nil; return }
      let element = openBlocks.last ?? 0
      blocks.append(
        Block(
          nodes: run.first..<(run.last + 1), element: element, tag: document.nodes[element].tag, words: run.words,
          linkWords: run.linkWords, region: regions[element],
          isItem: openItems > 0))
      current = nil
    }

    while index <= document.nodes.count {
      while let last = open.last, Int(document.nodes[last].end) <= index {
        if document.nodes[last].tag.isBlock {
          finish()
          openBlocks.removeLast()
          if isItem(last) { openItems -= 1 }
        }
        open.removeLast()
      }
      guard index < document.nodes.count else { break }
      let node = document.nodes[index]
      if node.tag == .text {
        let words = Self.countWords(document.textBytes(of: index))
        let isLink = index < linkEnd
        current = (current?.first ?? index, index, (current?.words ?? 0) + words, (current?.linkWords ?? 0) + (isLink ? words : 0))
      } else if node.tag.isSilent {
        index = Int(node.end)
        continue
      } else {
        if node.tag.isBlock {
          finish()
          openBlocks.append(index)
          if isItem(index) { openItems += 1 }
        }
        if node.tag == .a { linkEnd = Int(node.end) }
        open.append(index)
      }
      index += 1
    }
  }

  /// Runs of letters and digits, more or less: what white space separates and holds at least one.
  static func countWords(_ bytes: ArraySlice<UInt8>) -> Int {
    var count = 0
    var isInWord = false
    for byte in bytes {
      if byte <= 0x20 {
        isInWord = false
      } else if !isInWord, byte >= 0x80 || (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte) {
        count += 1
        isInWord = true
      }
    }
    return count
  }

  // MARK: Choice

  private mutating func choose() {
    var candidates = blocks.indices.filter { blocks[$0].region == .content }
    if let main = mainElement() {
      let range = main..<Int(document.nodes[main].end)
      let inside = blocks.indices.filter { range.contains(blocks[$0].element) && ![.navigation, .aside].contains(blocks[$0].region) }
      if inside.reduce(0, { $0 + blocks[$1].words }) >= 10 { candidates = inside }
    } else if let dense = densestElement(candidates) {
      let root = withHeading(dense, candidates)
      let range = root..<Int(document.nodes[root].end)
      candidates = candidates.filter { range.contains(blocks[$0].element) }
    }
    let running = candidates.reduce(0) { $0 + (isMenuLike(blocks[$1]) ? 0 : blocks[$1].words) }
    let keepsMenus = running < 40
    for index in candidates {
      blocks[index].isKept = keepsMenus || !isMenuLike(blocks[index]) || blocks[index].headingLevel != nil
    }
  }

  private func isMenuLike(_ block: Block) -> Bool { block.linkWords * 10 > block.words * 8 && block.tag != .p }

  /// What the page marks as its main region.
  private func mainElement() -> Int? {
    var articles: [Int] = []
    for index in document.nodes.indices where document.nodes[index].tag != .text {
      if document.nodes[index].tag == .main || document.attributeBytes(.role, of: index)?.elementsEqual("main".utf8) ?? false { return index }
      if document.nodes[index].tag == .article { articles.append(index) }
    }
    return articles.count == 1 ? articles[0] : nil
  }

  /// The smallest element around `root` that also holds the page's first heading, and with it what introduces the rest.
  private func withHeading(_ root: Int, _ candidates: [Int]) -> Int {
    guard let heading = candidates.first(where: { blocks[$0].headingLevel == 1 }) else { return root }
    let element = blocks[heading].element
    var ancestor = root
    while ancestor > 0, !(ancestor..<Int(document.nodes[ancestor].end)).contains(element) { ancestor = document.parent(of: ancestor) }
    return ancestor
  }

  /// The deepest element that holds 70 % of the words of running text.
  private func densestElement(_ candidates: [Int]) -> Int? {
    var total = 0
    var weight = Array(repeating: 0, count: document.nodes.count)
    for index in candidates where blocks[index].words >= 8 && !isMenuLike(blocks[index]) {
      total += blocks[index].words
      weight[blocks[index].element] += blocks[index].words
    }
    guard total > 0 else { return nil }
    // Of nested elements with as much, the innermost comes last in document order.
    // Children come after their parents, so from the end each element is complete when it is met.
    for index in weight.indices.dropFirst().reversed() where weight[index] > 0 {
      if weight[index] * 10 >= total * 7 { return index }
      weight[document.parent(of: index)] += weight[index]
    }
    return nil
  }
}
