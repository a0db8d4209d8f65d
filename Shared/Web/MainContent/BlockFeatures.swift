#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// ln(1 + x). Used for sizes, because only their order of magnitude matters.
func logarithm(_ x: Float) -> Float { log1pf(x) }

/// The features of a text block that ``ContentModel`` uses, in the order of its columns.
enum BlockFeature: Int, CaseIterable {
  // The block itself
  case words, linkShare, sentences, endsSentence, tag
  // Elements and roles around it
  case inMain, inNavigation, inFooter, inDialog
  // Its position in the page and relative to reference elements
  case wordsPlace, wordsBefore, afterHeading, headingShare, afterTitle
  case upToCandidate, candidateDown, upToHolder, holderDown
  // Its ancestors, one, two and three levels up
  case long1, links1, long2, links3, share3, perBlock3
  case articleWords, articleShare, mainWords, mainLinks, listWords
  // Blocks with the same structure
  case isCopy, groupSize, groupShare, groupSpan
  // Blocks before and after it
  case headingLevel, headingOdds, nearLinks, farLinks
  // Log-odds of words in classes, ids and text
  case classOwn, classLowest, classSum, textOdds
  // The probability of each kind of page, from ``PageGuess``
  case isArticle, isCollection, isDocumentation, isForum, isListing, isProduct, isService
}

/// The feature matrix of a page: one row per block, one column per ``BlockFeature``.
struct BlockFeatures {
  private(set) var values: [Float]
  static let count = BlockFeature.allCases.count

  private let page: TextBlocks
  private let shape: PageShape
  private var row = 0

  func row(_ index: Int) -> ArraySlice<Float> { values[(index * Self.count)..<((index + 1) * Self.count)] }

  /// - Parameter guess: the probability of each kind of page.
  init(_ shape: PageShape, guess: [Float]) {
    page = shape.page
    self.shape = shape
    values = Array(repeating: 0, count: page.blocks.count * Self.count)
    let groups = groups()
    var seen: Set<UInt64> = []
    var heading = -1
    for (index, block) in page.blocks.enumerated() {
      row = index * Self.count
      setOwn(block)
      setPlace(index, block.element)
      setAncestors(block.element)
      set(.isCopy, seen.insert(TextBlocks.hash(of: page.text(of: block))).inserted ? 0 : 1)
      setGroup(groups[groupKey(block)]!)
      setHeading(heading)
      if page.elements[block.element].tag.headingLevel != nil { heading = index }
      set(.nearLinks, linkShare(around: index, radius: 4))
      set(.farLinks, linkShare(around: index, radius: 12))
      for (offset, value) in guess.enumerated() { values[row + BlockFeature.isArticle.rawValue + offset] = value }
    }
  }

  private mutating func set(_ feature: BlockFeature, _ value: Float) { values[row + feature.rawValue] = value }

  private mutating func setOwn(_ block: TextBlocks.Block) {
    let element = page.elements[block.element]
    set(.words, logarithm(Float(block.words)))
    set(.linkShare, Float(block.linkWords) / Float(block.words))
    set(.sentences, logarithm(Float(block.statistics.sentences)))
    set(.endsSentence, block.statistics.endsSentence ? 1 : 0)
    set(.tag, Float(element.tag.rawValue))
    set(.inMain, element.surroundings.contains(.main) ? 1 : 0)
    set(.inNavigation, element.surroundings.contains(.navigation) ? 1 : 0)
    set(.inFooter, element.surroundings.contains(.footer) ? 1 : 0)
    set(.inDialog, element.surroundings.contains(.dialog) ? 1 : 0)
    set(.classOwn, element.odds.own)
    set(.classLowest, element.odds.lowest)
    set(.classSum, element.odds.sum)
    let odds = block.statistics.firstWords.reduce(0) { $0 + (WordOdds.ofText[$1] ?? 0) }
    set(.textOdds, odds / Float(max(block.statistics.firstWords.count, 1)))
  }

  // MARK: Position

  private mutating func setPlace(_ index: Int, _ element: Int) {
    let total = Float(max(shape.words, 1))
    let before = Float(shape.wordsBefore[index])
    let depth = page.elements[element].depth
    set(.wordsPlace, before / total)
    set(.wordsBefore, logarithm(before))
    if shape.heading >= 0 {
      set(.afterHeading, (before - Float(shape.wordsBefore[page.elements[shape.heading].blocks.lowerBound])) / total)
      set(.headingShare, Float(shape.words(of: Int(shape.sharedWithHeading[element]))) / total)
    } else {
      set(.afterHeading, -2)
      set(.headingShare, -1)
    }
    set(.afterTitle, shape.titleBlock < 0 ? -2 : (before - Float(shape.wordsBefore[shape.titleBlock])) / total)
    let candidate = page.elements[Int(shape.sharedWithCandidate[element])].depth
    set(.upToCandidate, Float(depth - candidate))
    set(.candidateDown, Float(page.elements[shape.candidate].depth - candidate))
    let holder = page.elements[Int(shape.sharedWithHolder[element])].depth
    set(.upToHolder, Float(depth - holder))
    set(.holderDown, Float(page.elements[shape.holder].depth - holder))
  }

  private mutating func setAncestors(_ element: Int) {
    var ancestors: [Int] = []
    var ancestor = page.elements[element].parent
    while ancestors.count < 3, ancestor >= 0 {
      ancestors.append(ancestor)
      ancestor = page.elements[ancestor].parent
    }
    let total = Float(max(shape.words, 1))
    func words(_ level: Int) -> Float? {
      level <= ancestors.count ? Float(max(shape.words(of: ancestors[level - 1]), 1)) : nil
    }
    set(.long1, words(1).map { Float(shape.longWords(of: ancestors[0])) / $0 } ?? -1)
    set(.links1, words(1).map { Float(shape.linkWords(of: ancestors[0])) / $0 } ?? -1)
    set(.long2, words(2).map { Float(shape.longWords(of: ancestors[1])) / $0 } ?? -1)
    set(.links3, words(3).map { Float(shape.linkWords(of: ancestors[2])) / $0 } ?? -1)
    set(.share3, words(3).map { $0 / total } ?? -1)
    set(.perBlock3, words(3).map { logarithm($0 / Float(max(page.elements[ancestors[2]].blocks.count, 1))) } ?? -1)

    func enclosing(_ element: Int32) -> Float? { element >= 0 ? Float(shape.words(of: Int(element))) : nil }
    let article = enclosing(shape.article[element])
    set(.articleWords, article.map(logarithm) ?? -1)
    set(.articleShare, article.map { $0 / total } ?? -1)
    let main = enclosing(shape.main[element])
    set(.mainWords, main.map(logarithm) ?? -1)
    set(.mainLinks, main.map { Float(shape.linkWords(of: Int(shape.main[element]))) / max($0, 1) } ?? -1)
    set(.listWords, enclosing(shape.list[element]).map(logarithm) ?? -1)
  }

  // MARK: Similar blocks

  /// Totals over the blocks with the same key.
  private struct Group {
    var words = 0, count = 0, first = 0, last = 0
  }

  /// Identifies a group of similar blocks: their elements have the same tags and classes for three levels.
  private func groupKey(_ block: TextBlocks.Block) -> UInt64 {
    var key: UInt64 = 0
    var element = block.element
    for _ in 0..<3 {
      key = (key ^ (element >= 0 ? page.elements[element].signature : 1)) &* 0x9e37_79b9_7f4a_7c15
      key ^= key >> 29
      if element >= 0 { element = page.elements[element].parent }
    }
    return key
  }

  private func groups() -> [UInt64: Group] {
    var groups: [UInt64: Group] = [:]
    for (index, block) in page.blocks.enumerated() {
      let key = groupKey(block)
      var group = groups[key] ?? Group(first: index)
      group.words += block.words
      group.count += 1
      group.last = index
      groups[key] = group
    }
    return groups
  }

  private mutating func setGroup(_ group: Group) {
    set(.groupSize, logarithm(Float(group.count)))
    set(.groupShare, Float(group.words) / Float(max(shape.words, 1)))
    set(.groupSpan, Float(group.last - group.first) / Float(page.blocks.count))
  }

  // MARK: Neighbouring blocks

  /// - Parameter heading: the last heading block before this block; -1 if there is none.
  private mutating func setHeading(_ heading: Int) {
    guard heading >= 0 else { return }
    set(.headingLevel, Float(page.elements[page.blocks[heading].element].tag.headingLevel ?? 0))
    set(.headingOdds, page.blocks[heading].statistics.firstWords.reduce(0) { min($0, WordOdds.ofText[$1] ?? 0) })
  }

  private func linkShare(around index: Int, radius: Int) -> Float {
    let range = max(0, index - radius)..<min(page.blocks.count, index + radius + 1)
    return Float(PageShape.sum(shape.linkWordsBefore, range)) / Float(max(PageShape.sum(shape.wordsBefore, range), 1))
  }
}
