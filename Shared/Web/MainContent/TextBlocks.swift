/// A page's text, cut into blocks at the edges of block-level elements, and those elements.
struct TextBlocks {
  struct Element {
    let node: Int
    let tag: Tag
    /// Its index among the elements; -1 for the outermost.
    let parent: Int
    let depth: Int
    let surroundings: Surroundings
    /// What elements of the same name and class have in common.
    let signature: UInt64
    let odds: ClassOdds
    /// The blocks inside of it.
    var blocks: Range<Int>
  }

  struct Block {
    /// From the first text node to one past the last.
    let nodes: Range<Int>
    /// Its bytes in ``text``: one line, white space folded.
    let bytes: Range<Int>
    /// The innermost block-level element around it, as an index among the elements.
    let element: Int
    let linkWords: Int
    let look: BlockText
    /// Words of links as a reader would count them.
    let readLinkWords: Int

    var words: Int { look.words }
  }

  private(set) var elements: [Element] = []
  private(set) var blocks: [Block] = []
  private var line = FoldedText()

  func text(of block: Block) -> ArraySlice<UInt8> { line.bytes[block.bytes] }

  /// What comes after so many is not read: real pages have some thousands, and each costs its features.
  private static let maximumBlocks = 40_000

  /// A `noscript` of fewer bytes is a notice; some forums put whole threads into a longer one.
  private static let shortestNoscript = 250

  init(_ document: HTMLDocument) {
    var known: [UInt64: ClassOdds] = [:]
    /// What is open: the node where it ends, and its index among the elements, or what it is in a line.
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
            let count = BlockText.countWords(bytes)
            run.linkWords += count.words
            run.readLinkWords += count.read
          }
        }
      case .br: line.appendSpace()
      case .a: linkEnd = Int(node.end)
      case let tag where tag == .noscript ? !Self.isLongNoscript(document, index) : tag.isSilent:
        index = Int(node.end)
        continue
      case let tag where tag.isBlock || tag == .noscript:
        finish(&run, in: current)
        elements.append(Self.element(document, index, parent: current, in: elements, firstBlock: blocks.count, &known))
        current = elements.count - 1
        open.append((Int(node.end), current))
      default: break
      }
      index += 1
    }
    for last in open { elements[last.element].blocks = elements[last.element].blocks.lowerBound..<blocks.count }
  }

  /// What was gathered of a block so far.
  private struct Run {
    var first = -1, last = -1, linkWords = 0, readLinkWords = 0
  }

  private mutating func finish(_ run: inout Run, in element: Int) {
    defer { run = Run() }
    guard run.first >= 0, element >= 0 else { return }
    let bytes = line.currentLine
    let look = BlockText(line.bytes[bytes])
    guard look.words > 0 else { return }
    blocks.append(
      Block(
        nodes: run.first..<(run.last + 1), bytes: bytes, element: element, linkWords: min(run.linkWords, look.words),
        look: look, readLinkWords: min(run.readLinkWords, look.readWords)))
  }

  private static func isLongNoscript(_ document: HTMLDocument, _ index: Int) -> Bool {
    var count = 0
    for node in index..<Int(document.nodes[index].end) where document.nodes[node].tag == .text {
      count += document.textBytes(of: node).count { $0 > 0x20 }
      if count >= shortestNoscript { return true }
    }
    return false
  }

  private static func element(
    _ document: HTMLDocument, _ index: Int, parent: Int, in elements: [Element], firstBlock: Int,
    _ known: inout [UInt64: ClassOdds]
  ) -> Element {
    let node = document.nodes[index]
    var surroundings = parent >= 0 ? elements[parent].surroundings : []
    surroundings.formUnion(Surroundings(node.tag))
    var signature = UInt64(node.tag.rawValue) &* 0x9e37_79b9_7f4a_7c15
    var odds = ClassOdds(inside: parent >= 0 ? elements[parent].odds : nil)
    for attribute in document.attributes[Int(node.start)..<Int(node.start + node.count)] {
      let value = document.bytes[Int(attribute.start)..<Int(attribute.start + attribute.count)]
      if attribute.name == .role { surroundings.formUnion(Surroundings(role: value)) }
      guard let mark = ClassWords.mark(of: attribute.name) else { continue }
      let hash = hash(of: value) ^ UInt64(mark)
      if attribute.name == .class { signature ^= hash }
      let own = known[hash] ?? ClassOdds(of: value, mark: mark)
      known[hash] = own
      odds.add(own)
    }
    odds.fade(from: parent >= 0 ? elements[parent].odds : nil)
    return Element(
      node: index, tag: node.tag, parent: parent, depth: parent >= 0 ? elements[parent].depth + 1 : 0,
      surroundings: surroundings,
      signature: signature, odds: odds, blocks: firstBlock..<firstBlock)
  }

  /// FNV-1a, 64 bits.
  static func hash(of value: ArraySlice<UInt8>) -> UInt64 {
    var hash: UInt64 = 14_695_981_039_346_656_037
    for byte in value { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
    return hash
  }
}
