#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Which of a page's text a reader came for.
///
/// A small learned model gives each block of text the probability that it belongs to the main content. Blocks are taken
/// from the
/// likeliest on while the expected F1 of the choice, over words, rises; so there is no threshold, and the share of a
/// page that is
/// kept is the page's own.
struct MainContent {
  struct Block {
    /// From the first text node to one past the last.
    let nodes: Range<Int>
    /// The block-level element around it, as a node.
    let element: Int
    let tag: Tag
    let text: String
    /// As a reader would count them.
    let words: Int
    let linkWords: Int
    /// Whether it is an item of a list or a cell of a table.
    let isItem: Bool
    /// Whether it was chosen: what the page's text is.
    let isKept: Bool
    /// Whether it was chosen, or belongs to what was: what the page's headings, paragraphs and Markdown are.
    let isShown: Bool

    var headingLevel: Int? { tag.headingLevel }
    /// Of an item, only what has an element of its own and is as long as a text.
    var isParagraph: Bool {
      isItem
        ? [.p, .div].contains(tag) && words >= MainContent.shortestProse && text.hasSuffix(".")
        : [.p, .div, .section, .article, .main, .blockquote, .body].contains(tag)
    }
  }

  let blocks: [Block]
  /// Words of the whole page that are read from first to last: in blocks of ``shortestProse`` or more, a third of them
  /// links at
  /// most, and in code.
  let proseWords: Int
  /// Short blocks of the whole page, code aside, that name a price.
  let prices: Int
  /// Words of the whole page, kept or not.
  var allWords: Int { blocks.reduce(0) { $0 + $1.words } }
  var words: Int { blocks.reduce(0) { $0 + ($1.isKept ? $1.words : 0) } }
  var linkWords: Int { blocks.reduce(0) { $0 + ($1.isKept ? $1.linkWords : 0) } }

  /// A block of so many words that stood before is not said twice.
  private static let longestRepetition = 8

  private static let shortestProse = 15
  /// A price stands in a line of its own, or a card; longer texts may speak of one.
  private static let longestPrice = 40

  init(_ document: HTMLDocument, url: NormalizedURL) {
    let page = TextBlocks(document)
    let facts = PageFacts(document, url: url)
    let shape = PageShape(page, title: facts.title)
    let features = BlockFeatures(shape, guess: PageGuess.probabilities(facts.numbers(shape)))
    let probabilities = page.blocks.indices.map { ContentModel.probability(features.row($0)) }
    var isKept = Self.choice(page, features, probabilities)
    Self.dropMenus(page, &isKept)
    let isShown = Self.completed(page, shape, isKept)
    proseWords = page.blocks.reduce(0) { sum, block in
      let words = block.look.readWords
      let isProse =
        words >= Self.shortestProse && block.readLinkWords * 3 < words || page.elements[block.element].tag == .pre
      return sum + (isProse ? words : 0)
    }
    prices = page.blocks.count {
      $0.look.hasPrice && $0.look.readWords < Self.longestPrice && page.elements[$0.element].tag != .pre
    }
    blocks = page.blocks.enumerated().map { index, block in
      let element = page.elements[block.element]
      return Block(
        nodes: block.nodes, element: element.node, tag: element.tag,
        text: isShown[index] || element.tag == .h1 ? String(decoding: page.text(of: block), as: UTF8.self) : "",
        words: block.look.readWords, linkWords: block.readLinkWords,
        isItem: element.surroundings.contains(.item), isKept: isKept[index], isShown: isShown[index])
    }
  }

  /// The first heading, for pages whose content has none.
  var firstHeading: String? {
    blocks.first { $0.headingLevel == 1 }?.text ?? blocks.first { $0.isShown && ($0.headingLevel ?? 9) <= 2 }?.text
  }

  /// What was chosen, with what it would not be whole without. A choice by words passes by what is short: the page's
  /// heading and the
  /// headings right above what was kept, and what stands alone between two blocks that were kept.
  private static func completed(_ page: TextBlocks, _ shape: PageShape, _ isKept: [Bool]) -> [Bool] {
    guard let first = isKept.firstIndex(of: true) else { return isKept }
    var isShown = isKept
    let frame: Surroundings = [.navigation, .footer, .dialog]
    func isFramed(_ index: Int) -> Bool {
      !page.elements[page.blocks[index].element].surroundings.isDisjoint(with: frame)
    }
    func isHeading(_ index: Int) -> Bool { page.elements[page.blocks[index].element].tag.headingLevel != nil }
    if shape.heading >= 0, page.elements[shape.heading].surroundings.isDisjoint(with: frame) {
      let heading = page.elements[shape.heading].blocks
      if heading.lowerBound <= first { for index in heading { isShown[index] = true } }
    }
    for index in isShown.indices.dropLast().reversed() where !isShown[index] && !isFramed(index) {
      let block = page.blocks[index]
      let isBetween = index > 0 && isKept[index - 1] && isKept[index + 1] && block.linkWords * 2 <= block.words
      if isBetween || isHeading(index) && isShown[index + 1] { isShown[index] = true }
    }
    return isShown
  }

  /// Leaves out links that stand outside of the region that the page marks as its main one, where most of what was
  /// chosen is inside.
  private static func dropMenus(_ page: TextBlocks, _ isKept: inout [Bool]) {
    func isInside(_ block: TextBlocks.Block) -> Bool {
      !page.elements[block.element].surroundings.isDisjoint(with: [.main, .article])
    }
    var (inside, all) = (0, 0)
    for (index, block) in page.blocks.enumerated() where isKept[index] {
      all += block.words
      if isInside(block) { inside += block.words }
    }
    guard inside * 2 > all else { return }
    for (index, block) in page.blocks.enumerated() where block.linkWords * 10 > block.words * 8 && !isInside(block) {
      isKept[index] = false
    }
  }

  /// The prefix of the blocks by falling probability p that maximises 2·Σpn / (Σn + Σ over all pn), n being words.
  private static func choice(_ page: TextBlocks, _ features: BlockFeatures, _ probabilities: [Float]) -> [Bool] {
    let all = zip(page.blocks, probabilities).reduce(Float(0)) { $0 + Float($1.0.words) * $1.1 }
    let order = page.blocks.indices.sorted { (probabilities[$1], $0) < (probabilities[$0], $1) }
    var (expected, words, best, kept) = (Float(0), Float(0), Float(0), 0)
    for (position, index) in order.enumerated() {
      let count = Float(page.blocks[index].words)
      expected += probabilities[index] * count
      words += count
      let score = expected / (words + all)
      if score > best { (best, kept) = (score, position + 1) }
    }
    var isKept = Array(repeating: false, count: page.blocks.count)
    for index in order.prefix(kept) {
      let isRepeated = features.row(index)[index * BlockFeatures.count + BlockFeature.isCopy.rawValue] > 0
      isKept[index] = !(isRepeated && page.blocks[index].words >= longestRepetition)
    }
    return isKept
  }
}
