/// The text of a page, split into blocks at block-level elements, and these elements.
struct TextBlocks {
  /// A block-level element.
  struct Element {
    let node: Int
    let tag: Tag
    /// The index of the parent element; -1 for the outermost.
    let parent: Int
    let depth: Int
    let surroundings: Surroundings
    /// A hash of tag and class.
    let signature: UInt64
    let odds: ClassOdds
    /// The blocks inside the element.
    var blocks: Range<Int>
  }

  /// A run of text without block-level elements inside it.
  struct Block {
    /// The nodes from the first text node to the last.
    let nodes: Range<Int>
    /// The byte range of the text: one line with collapsed white space.
    let bytes: Range<Int>
    /// The index of the innermost block-level element around it.
    let element: Int
    let linkWords: Int
    let statistics: TextStatistics
    /// The number of words in links as a reader would count them.
    let adjustedLinkWords: Int

    var words: Int { statistics.words }
  }

  private(set) var elements: [Element] = []
  private(set) var blocks: [Block] = []
  private var line = FoldedText()

  func text(of block: Block) -> ArraySlice<UInt8> { line.bytes[block.bytes] }

  /// Further blocks are ignored. Real pages have a few thousand, and computing features takes time for each.
  private static let maximumBlocks = 40_000

  /// A `noscript` with fewer bytes is a notice and ignored; some forums put whole threads into a longer one.
  private static let minimumNoscriptBytes = 250

  init(_ document: HTMLDocument) {
    var cachedOdds: [UInt64: ClassOdds] = [:]
    /// The open elements: the node at which each ends, and its index in ``elements``.
    var open: [(end: Int, element: Int)] = []
    var current = -1
    var run = Run()
    var linkEnd = 0
    var index = 1
    while index <= document.nodes.count, blocks.count < Self.maximumBlocks {
      while let last = open.last, last.end <= index {
        finish(&run, in: current)
        elements[last.element].blocks = elements[last.element].blocks.lowerBound..<blocks.count
        current = elements[last.element].parent
        open.removeLast()
      }
      guard index < document.nodes.count else { break }
      let node = document.nodes[index]
      switch node.tag {
      case .text:
        if !document.isPermalink(Int(node.parent)) {
          let bytes = document.textBytes(of: index)
          if run.first < 0 {
            line.beginLine()
            run.first = index
          }
          line.append(bytes)
          run.last = index
          if index < linkEnd {
            let count = TextStatistics.countWords(bytes)
            run.linkWords += count.words
            run.adjustedLinkWords += count.read
          }
        }
      case .br: line.appendSpace()
      case .a: linkEnd = Int(node.end)
      case let tag where tag == .noscript ? !Self.isLongNoscript(document, index) : tag.hasNoVisibleText:
        index = Int(node.end)
        continue
      case let tag where tag.isBlock || tag == .noscript:
        finish(&run, in: current)
        elements.append(
          Self.element(document, index, parent: current, in: elements, firstBlock: blocks.count, &cachedOdds))
        current = elements.count - 1
        open.append((Int(node.end), current))
      default: break
      }
      index += 1
    }
    for last in open { elements[last.element].blocks = elements[last.element].blocks.lowerBound..<blocks.count }
  }

  /// The nodes and link words of the block being collected.
  private struct Run {
    var first = -1, last = -1, linkWords = 0, adjustedLinkWords = 0
  }

  private mutating func finish(_ run: inout Run, in element: Int) {
    defer { run = Run() }
    guard run.first >= 0, element >= 0 else { return }
    let bytes = line.currentLine
    let statistics = TextStatistics(line.bytes[bytes])
    guard statistics.words > 0 else { return }
    blocks.append(
      Block(
        nodes: run.first..<(run.last + 1), bytes: bytes, element: element,
        linkWords: min(run.linkWords, statistics.words),
        statistics: statistics, adjustedLinkWords: min(run.adjustedLinkWords, statistics.adjustedWords)))
  }

  private static func isLongNoscript(_ document: HTMLDocument, _ index: Int) -> Bool {
    var count = 0
    for node in index..<Int(document.nodes[index].end) where document.nodes[node].tag == .text {
      count += document.textBytes(of: node).count { $0 > 0x20 }
      if count >= minimumNoscriptBytes { return true }
    }
    return false
  }

  private static func element(
    _ document: HTMLDocument, _ index: Int, parent: Int, in elements: [Element], firstBlock: Int,
    _ cachedOdds: inout [UInt64: ClassOdds]
  ) -> Element {
    let node = document.nodes[index]
    var surroundings = parent >= 0 ? elements[parent].surroundings : []
    surroundings.formUnion(Surroundings(node.tag))
    var signature = UInt64(node.tag.rawValue) &* 0x9e37_79b9_7f4a_7c15
    var odds = ClassOdds(inside: parent >= 0 ? elements[parent].odds : nil)
    for attribute in document.attributes[Int(node.start)..<Int(node.start + node.count)] {
      let value = document.bytes[Int(attribute.start)..<Int(attribute.start + attribute.count)]
      if attribute.name == .role { surroundings.formUnion(Surroundings(role: value)) }
      guard let prefix = ClassWords.prefix(of: attribute.name) else { continue }
      let hash = hash(of: value) ^ UInt64(prefix)
      if attribute.name == .class { signature ^= hash }
      let own = cachedOdds[hash] ?? ClassOdds(of: value, prefix: prefix)
      cachedOdds[hash] = own
      odds.add(own)
    }
    odds.addDecayed(from: parent >= 0 ? elements[parent].odds : nil)
    return Element(
      node: index, tag: node.tag, parent: parent, depth: parent >= 0 ? elements[parent].depth + 1 : 0,
      surroundings: surroundings,
      signature: signature, odds: odds, blocks: firstBlock..<firstBlock)
  }

  /// A 64-bit FNV-1a hash.
  static func hash(of value: ArraySlice<UInt8>) -> UInt64 {
    var hash: UInt64 = 14_695_981_039_346_656_037
    for byte in value { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
    return hash
  }
}
