/// A parsed page: elements and text in document order, in three flat arrays.
///
/// The subtree of node `i` is the index range `i..<nodes[i].end`. Walking it needs no recursion, so deep nesting
/// cannot overflow the stack.
struct HTMLDocument {
  /// An element or a text.
  struct Node {
    let tag: Tag
    let parent: Int32
    /// The index after the last node of the subtree.
    var end: Int32
    /// The index of the first attribute, or, for a text node, of the first byte.
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
  /// The bytes of text and attribute values, in UTF-8.
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

  /// Visits the nodes of a subtree in document order, starting with the root, and skips elements without visible text.
  ///
  /// - Parameter body: returns false to stop.
  func forEachVisible(in root: Int, _ body: (Int) -> Bool) {
    var index = root
    let end = Int(nodes[root].end)
    while index < end {
      if nodes[index].tag.hasNoVisibleText, index != root {
        index = Int(nodes[index].end)
      } else {
        guard body(index) else { return }
        index += 1
      }
    }
  }

  /// The text of a subtree on one line: white space collapsed, permalink signs omitted.
  ///
  /// - Parameters:
  ///   - limit: the number of bytes after which to stop. An element that is never closed contains the rest of the
  ///     page.
  ///   - end: the node before which to stop, if it comes before the end of the subtree.
  func text(of root: Int, limit: Int = maximumLineBytes, before end: Int = .max) -> String {
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

  /// The maximum length of a title, heading or label in bytes; longer ones are mistakes or attacks.
  static let maximumLineBytes = 8192

  func parent(of node: Int) -> Int { Int(nodes[node].parent) }

  /// True if a node is a permalink: the sign beside a heading that links to the heading itself.
  func isPermalink(_ node: Int) -> Bool {
    guard node > 0, nodes[node].tag == .a, Int(nodes[node].end) == node + 2, nodes[node + 1].tag == .text else {
      return false
    }
    switch String(decoding: textBytes(of: node + 1).filter { $0 > 0x20 }, as: UTF8.self) {
    case "¶", "#", "§", "🔗", "\u{f0c1}", "": return true
    default: return false
    }
  }

  /// True if any of the words is a class or the id of the node, ignoring case.
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

/// Builds text with collapsed white space: each run becomes one space, leading and trailing white space and invisible
/// characters are removed.
struct FoldedText {
  private(set) var bytes: [UInt8] = []
  private var start = 0
  private var hasPendingSpace = false

  /// Starts a new line after the existing ones.
  mutating func beginLine() {
    start = bytes.count
    hasPendingSpace = false
  }

  /// The byte range of the current line.
  var currentLine: Range<Int> { start..<bytes.count }

  mutating func append(_ text: ArraySlice<UInt8>) {
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      let space = byte <= 0x20 ? 1 : byte < 0xc2 ? 0 : Self.lengthOfSpace(at: index, in: text)
      if space > 0 {
        hasPendingSpace = true
        index += space - 1
      } else if byte >= 0x7f, case let hidden = Self.lengthOfInvisible(at: index, in: text), hidden > 0 {
        index += hidden - 1
      } else {
        if hasPendingSpace, bytes.count > start { bytes.append(0x20) }
        hasPendingSpace = false
        bytes.append(byte)
      }
      index += 1
    }
  }

  mutating func appendSpace() { hasPendingSpace = true }

  /// The length in bytes of a non-ASCII space: U+0085, U+00A0, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F and
  /// U+3000 (the White_Space property of Unicode); 0 for any other character.
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

  /// The length in bytes of an invisible character; 0 for any other character. Invisible are controls, the soft
  /// hyphen, zero-width spaces, directional marks and overrides, invisible operators, byte order marks and tags
  /// (Unicode, section 23). The joiners U+200C and U+200D are kept, because scripts and emoji need them.
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
  /// The text on one line with collapsed white space and without invisible characters.
  package var folded: String {
    var line = FoldedText()
    line.append(Array(utf8)[...])
    return line.string
  }
}
