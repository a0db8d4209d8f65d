#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Separates the main content of a page from navigation, advertisements and other boilerplate.
///
/// A small learned model predicts for each text block the probability that it belongs to the main content. Blocks are
/// added in order of decreasing probability as long as the expected F1 score of the selection, weighted by words,
/// increases. The selected share depends on the page, because no fixed threshold is used.
struct MainContent {
  /// A block of text, and whether it belongs to the main content.
  struct Block {
    /// The nodes from the first text node to the last.
    let nodes: Range<Int>
    /// The node of the innermost block-level element around it.
    let element: Int
    let tag: Tag
    let text: String
    /// The number of words as a reader would count them.
    let words: Int
    let linkWords: Int
    /// True for a list item or a table cell.
    let isItem: Bool
    /// True if the block was selected as main content; these blocks make up the text of the page.
    let isSelected: Bool
    /// True if the block was selected or completes the selection; these blocks provide headings, paragraphs and
    /// Markdown.
    let isIncluded: Bool

    var headingLevel: Int? { tag.headingLevel }
    /// A list item counts as a paragraph only if it has a block element of its own and is as long as prose.
    var isParagraph: Bool {
      isItem
        ? [.p, .div].contains(tag) && words >= MainContent.minimumProseWords && text.hasSuffix(".")
        : [.p, .div, .section, .article, .main, .blockquote, .body].contains(tag)
    }
  }

  let blocks: [Block]
  /// The number of words of the whole page that are prose: in blocks of ``minimumProseWords`` or more words with under
  /// a third of them in links, and in code.
  let proseWords: Int
  /// The number of short blocks of the whole page that contain a price, except code.
  let prices: Int
  /// The number of words of the whole page, selected or not.
  var allWords: Int { blocks.reduce(0) { $0 + $1.words } }
  var words: Int { blocks.reduce(0) { $0 + ($1.isSelected ? $1.words : 0) } }
  var linkWords: Int { blocks.reduce(0) { $0 + ($1.isSelected ? $1.linkWords : 0) } }

  /// A block with at least this many words is dropped if it repeats an earlier one.
  private static let minimumRepeatedWords = 8

  private static let minimumProseWords = 15
  /// Blocks with a price have fewer words than this: a price is on a line of its own or on a card, and longer texts
  /// only mention prices.
  private static let priceBlockWords = 40

  init(_ document: HTMLDocument, url: NormalizedURL) {
    let page = TextBlocks(document)
    let facts = PageFacts(document, url: url)
    let shape = PageShape(page, title: facts.title)
    let features = BlockFeatures(shape, guess: PageGuess.probabilities(facts.numbers(shape)))
    let probabilities = page.blocks.indices.map { ContentModel.probability(features.row($0)) }
    var isSelected = Self.selection(page, features, probabilities)
    Self.dropOuterLinkLists(page, &isSelected)
    let isIncluded = Self.completingSelection(page, shape, isSelected)
    proseWords = page.blocks.reduce(0) { sum, block in
      let words = block.statistics.adjustedWords
      let isProse =
        words >= Self.minimumProseWords && block.adjustedLinkWords * 3 < words
        || page.elements[block.element].tag == .pre
      return sum + (isProse ? words : 0)
    }
    prices = page.blocks.count {
      $0.statistics.hasPrice && $0.statistics.adjustedWords < Self.priceBlockWords
        && page.elements[$0.element].tag != .pre
    }
    blocks = page.blocks.enumerated().map { index, block in
      let element = page.elements[block.element]
      return Block(
        nodes: block.nodes, element: element.node, tag: element.tag,
        text: isIncluded[index] || element.tag == .h1 ? String(decoding: page.text(of: block), as: UTF8.self) : "",
        words: block.statistics.adjustedWords, linkWords: block.adjustedLinkWords,
        isItem: element.surroundings.contains(.item), isSelected: isSelected[index], isIncluded: isIncluded[index])
    }
  }

  /// The first heading of the page, used if the main content has none.
  var firstHeading: Block? {
    blocks.first { $0.headingLevel == 1 } ?? blocks.first { $0.isIncluded && ($0.headingLevel ?? 9) <= 2 }
  }

  /// Completes the selection with short blocks that a selection by words misses: the page heading, the headings right
  /// above selected blocks, and single blocks between two selected ones.
  private static func completingSelection(_ page: TextBlocks, _ shape: PageShape, _ isSelected: [Bool]) -> [Bool] {
    guard let first = isSelected.firstIndex(of: true) else { return isSelected }
    var isIncluded = isSelected
    let frame: Surroundings = [.navigation, .footer, .dialog]
    func isFramed(_ index: Int) -> Bool {
      !page.elements[page.blocks[index].element].surroundings.isDisjoint(with: frame)
    }
    func isHeading(_ index: Int) -> Bool { page.elements[page.blocks[index].element].tag.headingLevel != nil }
    if shape.heading >= 0, page.elements[shape.heading].surroundings.isDisjoint(with: frame) {
      let heading = page.elements[shape.heading].blocks
      if heading.lowerBound <= first { for index in heading { isIncluded[index] = true } }
    }
    for index in isIncluded.indices.dropLast().reversed() where !isIncluded[index] && !isFramed(index) {
      let block = page.blocks[index]
      let isBetween = index > 0 && isSelected[index - 1] && isSelected[index + 1] && block.linkWords * 2 <= block.words
      if isBetween || isHeading(index) && isIncluded[index + 1] { isIncluded[index] = true }
    }
    return isIncluded
  }

  /// Removes link lists outside the page's `main` and `article` elements, if most of the selected text is inside them.
  private static func dropOuterLinkLists(_ page: TextBlocks, _ isSelected: inout [Bool]) {
    func isInside(_ block: TextBlocks.Block) -> Bool {
      !page.elements[block.element].surroundings.isDisjoint(with: [.main, .article])
    }
    var (inside, all) = (0, 0)
    for (index, block) in page.blocks.enumerated() where isSelected[index] {
      all += block.words
      if isInside(block) { inside += block.words }
    }
    guard inside * 2 > all else { return }
    for (index, block) in page.blocks.enumerated() where block.linkWords * 10 > block.words * 8 && !isInside(block) {
      isSelected[index] = false
    }
  }

  /// Selects blocks by decreasing probability p. Takes the prefix that maximises 2·Σpn / (Σn + Σ over all pn), with n
  /// the number of words.
  private static func selection(_ page: TextBlocks, _ features: BlockFeatures, _ probabilities: [Float]) -> [Bool] {
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
    var isSelected = Array(repeating: false, count: page.blocks.count)
    for index in order.prefix(kept) {
      let isRepeated = features.row(index)[index * BlockFeatures.count + BlockFeature.isCopy.rawValue] > 0
      isSelected[index] = !(isRepeated && page.blocks[index].words >= minimumRepeatedWords)
    }
    return isSelected
  }
}
