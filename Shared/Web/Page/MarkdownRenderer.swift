/// Writes the main content of a page as Markdown (CommonMark, with GitHub's tables).
struct MarkdownRenderer {
  private let document: HTMLDocument
  private let base: NormalizedURL
  /// For each node whether it is text of a kept block.
  private var isKept: [Bool]
  private var lines: [String] = []

  init(_ document: HTMLDocument, _ content: MainContent, base: NormalizedURL) {
    self.document = document
    self.base = base
    isKept = Array(repeating: false, count: document.nodes.count)
    for block in content.blocks where block.isKept {
      for node in block.nodes where document.nodes[node].tag == .text && !content.isSilent(node) { isKept[node] = true }
    }
    blocks = content.blocks.filter(\.isKept)
  }

  private let blocks: [MainContent.Block]

  func render() -> String {
    var output: [String] = []
    var lastItem: Int?
    var lastRow: Int?
    var renderedPre = -1
    for block in blocks {
      let pre = ancestor(of: block.element, .pre)
      if let pre {
        guard pre != renderedPre else { continue }
        renderedPre = pre
        output.append(codeBlock(pre))
        (lastItem, lastRow) = (nil, nil)
        continue
      }
      let text = inline(block.nodes)
      guard !text.isEmpty else { continue }
      if let level = block.headingLevel {
        output.append(String(repeating: "#", count: level) + " " + text)
        (lastItem, lastRow) = (nil, nil)
      } else if let row = ancestor(of: block.element, .tr) {
        if row == lastRow, let last = output.popLast() {
          output.append(last + " " + text.replacing("|", with: "\\|") + " |")
        } else {
          let isSameTable = lastRow.map { table(of: $0) == table(of: row) } ?? false
          let line = "| " + text.replacing("|", with: "\\|") + " |"
          if isSameTable, let last = output.popLast() {
            output.append(last + (last.contains("\n") ? "" : "\n" + separator(for: last)) + "\n" + line)
          } else {
            output.append(line)
          }
          lastRow = row
        }
        lastItem = nil
      } else if let item = ancestor(of: block.element, .li) {
        let indent = String(repeating: "  ", count: max(0, depth(of: item) - 1))
        let isOrdered = document.nodes[document.parent(of: item)].tag == .ol
        if item == lastItem {
          output.append(indent + (isOrdered ? "   " : "  ") + text)
        } else if lastItem != nil, let last = output.popLast() {
          output.append(last + "\n" + indent + (isOrdered ? "1. " : "- ") + text)
        } else {
          output.append(indent + (isOrdered ? "1. " : "- ") + text)
        }
        lastItem = item
        lastRow = nil
      } else {
        output.append(ancestor(of: block.element, .blockquote) == nil ? text : "> " + text)
        (lastItem, lastRow) = (nil, nil)
      }
    }
    return output.joined(separator: "\n\n")
  }

  private func ancestor(of node: Int, _ tag: Tag) -> Int? {
    var node = node
    while node > 0 {
      if document.nodes[node].tag == tag { return node }
      node = document.parent(of: node)
    }
    return nil
  }

  private func table(of row: Int) -> Int? { ancestor(of: row, .table) }

  private func depth(of item: Int) -> Int {
    var depth = 0
    var node = item
    while node > 0 {
      if [.ul, .ol].contains(document.nodes[node].tag) { depth += 1 }
      node = document.parent(of: node)
    }
    return depth
  }

  private func separator(for row: String) -> String {
    "|" + String(repeating: " --- |", count: max(1, row.replacing("\\|", with: "").count { $0 == "|" } - 1))
  }

  private func codeBlock(_ pre: Int) -> String {
    var code: [UInt8] = []
    for node in pre..<Int(document.nodes[pre].end) {
      if document.nodes[node].tag == .text { code += document.textBytes(of: node) }
      if document.nodes[node].tag == .br { code.append(0x0a) }
    }
    while let last = code.last, last <= 0x20 { code.removeLast() }
    while code.first == 0x0a { code.removeFirst() }
    let text = String(decoding: code, as: UTF8.self)
    let fence = text.contains("```") ? "````" : "```"
    return fence + "\n" + text + "\n" + fence
  }

  private func inline(_ nodes: Range<Int>) -> String {
    var output = ""
    var index = nodes.lowerBound
    // A link that began before its text is where its text is.
    if nodes.lowerBound > 0, document.nodes[nodes.lowerBound - 1].tag == .a,
      Int(document.nodes[nodes.lowerBound - 1].end) <= nodes.upperBound
    {
      index -= 1
    }
    while index < nodes.upperBound {
      let node = document.nodes[index]
      let end = min(Int(node.end), nodes.upperBound)
      switch node.tag {
      case .a where !document.isPermalink(index):
        let text = document.text(of: index)
        if !text.isEmpty {
          if let href = document.value(.href, of: index), !href.hasPrefix("#"), let url = try? NormalizedURL(href, relativeTo: base) {
            output += "[\(text)](\(url))"
          } else {
            output += text
          }
        }
        index = max(end, index + 1)
        continue
      case .a:
        index = max(end, index + 1)
        continue
      case .code, .kbd, .samp:
        let text = document.text(of: index)
        if !text.isEmpty { output += "`\(text)`" }
        index = max(end, index + 1)
        continue
      case .strong, .b:
        let text = document.text(of: index)
        if !text.isEmpty { output += "**\(text)**" }
        index = max(end, index + 1)
        continue
      case .text: if isKept[index] { output += String(decoding: document.textBytes(of: index), as: UTF8.self) }
      case .br: output += " "
      default: if node.tag.isSilent { index = max(end, index + 1); continue }
      }
      index += 1
    }
    return output.folded
  }
}
