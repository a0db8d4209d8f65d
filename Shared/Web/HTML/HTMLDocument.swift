/// A page's elements and text in document order, in three flat arrays.
///
/// The subtree of node `i` is the index range `i..<nodes[i].end`, so whoever walks it needs no recursion, and no page
/// is
/// nested too deeply to be read.
struct HTMLDocument {
  struct Node {
    let tag: Tag
    let parent: Int32
    /// One past the last node of its subtree.
    var end: Int32
    /// Where its attributes begin, or for a text node its bytes.
    let start: Int32
    var count: Int32
  }

  struct Attribute {
    let name: AttributeName
    let start: Int32
    let count: Int32
  }

  var nodes: [Node] = [Node(tag: .document, parent: -1, end: 1, start: 0, count: 0)]
  var attributes: [Attribute] = []
  /// Text and attributes' values, in UTF-8.
  var bytes: [UInt8] = []

  func value(_ name: AttributeName, of node: Int) -> String? {
    attributeBytes(name, of: node).map { String(decoding: $0, as: UTF8.self) }
  }

  func attributeBytes(_ name: AttributeName, of node: Int) -> ArraySlice<UInt8>? {
    let node = nodes[node]
    guard node.tag != .text else { return nil }
    for attribute in attributes[Int(node.start)..<Int(node.start + node.count)] where attribute.name == name {
      return bytes[Int(attribute.start)..<Int(attribute.start + attribute.count)]
    }
    return nil
  }

  func textBytes(of node: Int) -> ArraySlice<UInt8> {
    let node = nodes[node]
    return bytes[Int(node.start)..<Int(node.start + node.count)]
  }

  /// The nodes of a subtree in document order, its root first, without those that hold no text for a reader.
  ///
  /// - Parameter body: says whether to go on.
  func forEachVisible(in root: Int, _ body: (Int) -> Bool) {
    var index = root
    let end = Int(nodes[root].end)
    while index < end {
      if nodes[index].tag.isSilent, index != root {
        index = Int(nodes[index].end)
      } else {
        guard body(index) else { return }
        index += 1
      }
    }
  }

  /// The text of a subtree in one line: white space folded, permalink signs left out.
  ///
  /// - Parameters:
  ///   - limit: bytes after which no more is read: what was never closed holds the rest of the page, and so does what
  ///   stands in it.
  ///   - end: the node that ends it, where that comes before its own end.
  func text(of root: Int, limit: Int = longestLine, before end: Int = .max) -> String {
    var line = FoldedText()
    forEachVisible(in: root) { node in
      guard node < end, line.bytes.count < limit else { return false }
      switch nodes[node].tag {
      case .text: if !isPermalink(parent(of: node)) { line.append(textBytes(of: node)) }
      case .br: line.appendSpace()
      case let tag where tag.isBlock: line.appendSpace()
      default: break
      }
      return true
    }
    return line.string
  }

  /// Bytes of the longest title, heading or label; a longer one is somebody's mistake or malice.
  static let longestLine = 8192

  func parent(of node: Int) -> Int { Int(nodes[node].parent) }

  /// Whether a link is one of the signs beside a heading that lead to the heading itself.
  func isPermalink(_ node: Int) -> Bool {
    guard node > 0, nodes[node].tag == .a, Int(nodes[node].end) == node + 2, nodes[node + 1].tag == .text else {
      return false
    }
    switch String(decoding: textBytes(of: node + 1).filter { $0 > 0x20 }, as: UTF8.self) {
    case "¶", "#", "§", "🔗", "\u{f0c1}", "": return true
    default: return false
    }
  }

  /// Whether a node has this word among its classes, or as its id.
  func isNamed(_ node: Int, _ words: Set<String>) -> Bool {
    for name in [AttributeName.class, .id] {
      guard let value = attributeBytes(name, of: node) else { continue }
      for word in value.split(whereSeparator: { $0 <= 0x20 })
      where words.contains(String(decoding: word, as: UTF8.self).lowercased()) {
        return true
      }
    }
    return false
  }
}

/// Text whose runs of white space become one space each, none at its ends, and whose invisible characters are left out.
struct FoldedText {
  private(set) var bytes: [UInt8] = []
  private var start = 0
  private var owesSpace = false

  /// Begins another line behind those that are there.
  mutating func beginLine() {
    start = bytes.count
    owesSpace = false
  }

  /// Where the line in hand lies in the bytes.
  var currentLine: Range<Int> { start..<bytes.count }

  mutating func append(_ text: ArraySlice<UInt8>) {
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      let space = byte <= 0x20 ? 1 : byte < 0xc2 ? 0 : Self.lengthOfSpace(at: index, in: text)
      if space > 0 {
        owesSpace = true
        index += space - 1
      } else if byte >= 0x7f, case let hidden = Self.lengthOfInvisible(at: index, in: text), hidden > 0 {
        index += hidden - 1
      } else {
        if owesSpace, bytes.count > start { bytes.append(0x20) }
        owesSpace = false
        bytes.append(byte)
      }
      index += 1
    }
  }

  mutating func appendSpace() { owesSpace = true }

  /// The bytes of a space that is none in ASCII: U+0085, U+00A0, U+2000 to U+200A, the separators of lines and
  /// paragraphs,
  /// U+202F, U+205F, U+3000 (the White_Space property of Unicode).
  private static func lengthOfSpace(at index: Int, in text: ArraySlice<UInt8>) -> Int {
    guard index + 1 < text.endIndex else { return 0 }
    switch (text[index], text[index + 1]) {
    case (0xc2, 0x85), (0xc2, 0xa0): return 2
    case (0xe2, 0x80), (0xe2, 0x81), (0xe3, 0x80):
      guard index + 2 < text.endIndex else { return 0 }
      switch (text[index], text[index + 1], text[index + 2]) {
      case (0xe2, 0x80, 0x80...0x8a), (0xe2, 0x80, 0xa8), (0xe2, 0x80, 0xa9), (0xe2, 0x80, 0xaf), (0xe2, 0x81, 0x9f),
        (0xe3, 0x80, 0x80):
        return 3
      default: return 0
      }
    default: return 0
    }
  }

  /// The bytes of a character that nobody sees, so that no reader can tell what it is for: controls, the soft hyphen,
  /// zero-width
  /// spaces, marks and overrides of direction, invisible operators, byte order marks, and tags (Unicode, section 23).
  /// The
  /// joiners U+200C and U+200D stay: words and pictures are written with them.
  private static func lengthOfInvisible(at index: Int, in text: ArraySlice<UInt8>) -> Int {
    func byte(_ offset: Int) -> UInt8 { index + offset < text.endIndex ? text[index + offset] : 0 }
    switch text[index] {
    case 0x7f: return 1
    case 0xc2: return (0x80...0x9f).contains(byte(1)) || byte(1) == 0xad ? 2 : 0
    case 0xe2:
      switch (byte(1), byte(2)) {
      case (0x80, 0x8b), (0x80, 0x8e...0x8f), (0x80, 0xaa...0xae), (0x81, 0xa0...0xa4), (0x81, 0xa6...0xaf): return 3
      default: return 0
      }
    case 0xef: return byte(1) == 0xbb && byte(2) == 0xbf ? 3 : 0
    case 0xf3: return byte(1) == 0xa0 && (0x80...0x81).contains(byte(2)) && byte(3) >= 0x80 ? 4 : 0
    default: return 0
    }
  }

  var string: String { String(decoding: bytes, as: UTF8.self) }
}

extension String {
  /// The text in one line, white space folded.
  package var folded: String {
    var line = FoldedText()
    line.append(Array(utf8)[...])
    return line.string
  }
}
