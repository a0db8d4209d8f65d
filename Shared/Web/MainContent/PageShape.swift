/// Describes how text is distributed over a page: running totals over its blocks, and the elements and headings that
/// the features are measured from.
struct PageShape {
  let page: TextBlocks
  /// Running totals before each block, with one more entry than there are blocks: words, words in links, and non-link
  /// words of long blocks with few links.
  private(set) var wordsBefore: [Int32] = [0]
  private(set) var linkWordsBefore: [Int32] = [0]
  private(set) var longWordsBefore: [Int32] = [0]

  /// The element index of the first `h1` with text; -1 if there is none.
  private(set) var heading = -1
  /// The block that repeats the page title, preferably a heading; -1 if there is none.
  private(set) var titleBlock = -1
  /// The element with the highest score, as in Readability: each long block adds its weight to the element that
  /// contains it, ½ to the parent of that element and ¼ to the grandparent.
  private(set) var candidate = 0
  /// The deepest element that contains 70 % of the long blocks' words.
  private(set) var holder = 0
  /// For each element, the deepest ancestor that it shares with ``heading``, ``candidate`` and ``holder``.
  private(set) var sharedWithHeading: [Int32] = []
  private(set) var sharedWithCandidate: [Int32] = []
  private(set) var sharedWithHolder: [Int32] = []
  /// For each element, the nearest article, main region and list or table around it; -1 if there is none.
  private(set) var article: [Int32] = []
  private(set) var main: [Int32] = []
  private(set) var list: [Int32] = []
  private(set) var articles = 0
  private(set) var largestArticle = 0
  private(set) var mainWords = 0

  var words: Int { Int(wordsBefore[wordsBefore.count - 1]) }
  var linkWords: Int { Int(linkWordsBefore[linkWordsBefore.count - 1]) }
  var longWords: Int { Int(longWordsBefore[longWordsBefore.count - 1]) }

  /// - Parameter title: the hashes of the words in the page title.
  init(_ page: TextBlocks, title: Set<UInt32>) {
    self.page = page
    count()
    markElements()
    findHeading()
    findCandidate()
    findHolder()
    findTitle(title)
    sharedWithHeading = heading < 0 ? Array(repeating: 0, count: page.elements.count) : shared(with: heading)
    sharedWithCandidate = shared(with: candidate)
    sharedWithHolder = shared(with: holder)
  }

  func words(of element: Int) -> Int { Self.sum(wordsBefore, page.elements[element].blocks) }
  func linkWords(of element: Int) -> Int { Self.sum(linkWordsBefore, page.elements[element].blocks) }
  func longWords(of element: Int) -> Int { Self.sum(longWordsBefore, page.elements[element].blocks) }

  static func sum(_ before: [Int32], _ range: Range<Int>) -> Int {
    Int(before[range.upperBound] - before[range.lowerBound])
  }

  private mutating func count() {
    for block in page.blocks {
      let (words, links) = (Int32(block.words), Int32(block.linkWords))
      wordsBefore.append(wordsBefore.last! + words)
      linkWordsBefore.append(linkWordsBefore.last! + links)
      longWordsBefore.append(longWordsBefore.last! + (words >= 15 && links * 3 < words ? words - links : 0))
    }
  }

  private mutating func markElements() {
    let elements = page.elements
    let none = Array(repeating: Int32(-1), count: elements.count)
    (article, main, list) = (none, none, none)
    for (index, element) in elements.enumerated() {
      let parent = element.parent
      if parent >= 0 { (article[index], main[index], list[index]) = (article[parent], main[parent], list[parent]) }
      switch element.tag {
      case .article:
        article[index] = Int32(index)
        articles += 1
        largestArticle = max(largestArticle, words(of: index))
      case .ul, .ol, .table, .dl: list[index] = Int32(index)
      default: break
      }
      if element.surroundings.contains(.main), parent < 0 || !elements[parent].surroundings.contains(.main) {
        main[index] = Int32(index)
        mainWords = max(mainWords, words(of: index))
      }
    }
  }

  private mutating func findHeading() {
    heading = page.elements.firstIndex { $0.tag == .h1 && !$0.blocks.isEmpty } ?? -1
  }

  private mutating func findCandidate() {
    var credit = Array(repeating: Float(0), count: page.elements.count)
    for block in page.blocks where block.words >= 12 && block.linkWords * 3 < block.words {
      var element = block.element
      if Self.isLeaf(page.elements[element].tag) { element = page.elements[element].parent }
      var weight = Float(block.words + 5 * block.statistics.commas)
      for _ in 0..<3 where element >= 0 {
        credit[element] += weight
        weight /= 2
        element = page.elements[element].parent
      }
    }
    var best: Float = 0
    for (element, credit) in credit.enumerated() where credit > best { (candidate, best) = (element, credit) }
  }

  private static func isLeaf(_ tag: Tag) -> Bool {
    switch tag {
    case .p, .li, .blockquote, .pre, .h1, .h2, .h3, .h4, .td, .dd, .figcaption: true
    default: false
    }
  }

  private mutating func findHolder() {
    guard longWords > 0 else { return }
    // Elements that contain this much can only be nested in one another; the last is the innermost.
    holder = page.elements.indices.last { longWords(of: $0) * 10 >= longWords * 7 } ?? 0
  }

  private mutating func findTitle(_ title: Set<UInt32>) {
    var best: Float = 1.5
    for (index, block) in page.blocks.enumerated() where block.words <= 40 {
      let share = Self.share(of: block.statistics.firstWords, in: title)
      guard share >= 0.7 else { continue }
      let tag = page.elements[block.element].tag
      let weight = share * Float(min(block.words, 10)) * ((tag.headingLevel ?? 9) <= 4 ? 2 : 1) * (tag == .h1 ? 1.3 : 1)
      if weight > best { (titleBlock, best) = (index, weight) }
    }
  }

  static func share(of words: some Collection<UInt32>, in known: Set<UInt32>) -> Float {
    words.isEmpty || known.isEmpty ? 0 : Float(words.count { known.contains($0) }) / Float(words.count)
  }

  private func shared(with target: Int) -> [Int32] {
    var isOnPath = Array(repeating: false, count: page.elements.count)
    var element = page.elements.isEmpty ? -1 : target
    while element >= 0 {
      isOnPath[element] = true
      element = page.elements[element].parent
    }
    var shared = Array(repeating: Int32(0), count: page.elements.count)
    for (index, element) in page.elements.enumerated() {
      shared[index] = isOnPath[index] ? Int32(index) : element.parent >= 0 ? shared[element.parent] : 0
    }
    return shared
  }
}
