/// Writes the main content of a page as Markdown (CommonMark, with GitHub's tables).
struct MarkdownRenderer {
  private let document: HTMLDocument
  private let base: NormalizedURL
  /// What each node is in. Found once from the top down: asking each block's ancestors would take the square of the time
  /// in a deeply nested page.
  private let places: [Place]

  /// The nearest elements around a node, or the node itself; 0 where there is none.
  private struct Place {
    var pre = 0, table = 0, row = 0, item = 0, quote = 0
    /// How many lists it is in.
    var depth = 0
  }

  init(_ document: HTMLDocument, _ content: MainContent, base: NormalizedURL) {
    self.document = document
    self.base = base
    blocks = content.blocks.filter(\.isShown)
    places = Self.places(document)
  }

  private static func places(_ document: HTMLDocument) -> [Place] {
    var places = Array(repeating: Place(), count: document.nodes.count)
    for index in document.nodes.indices.dropFirst() {
      var place = places[document.parent(of: index)]
      switch document.nodes[index].tag {
      case .pre: place.pre = index
      case .table: place.table = index
      case .tr: place.row = index
      case .li: place.item = index
      case .blockquote: place.quote = index
      case .ul, .ol: place.depth += 1
      default: break
      }
      places[index] = place
    }
    return places
  }

  private let blocks: [MainContent.Block]

  /// A page's links are written out whole, so that a short page of short links can become a long text: more than this nobody reads.
  static let maximumBytes = 2 << 20

  func render() -> String {
    var output: [String] = []
    var lastItem = 0
    var lastRow = 0
    var hasSeparator = false
    var renderedPre = 0
    var size = 0
    for block in blocks {
      guard size < Self.maximumBytes else { break }
      let place = places[block.element]
      if place.pre > 0 {
        guard place.pre != renderedPre else { continue }
        renderedPre = place.pre
        output.append(codeBlock(place.pre))
        (lastItem, lastRow) = (0, 0)
        continue
      }
      let text = inline(block.nodes)
      guard !text.isEmpty else { continue }
      size += text.utf8.count
      if let level = block.headingLevel {
        output.append(String(repeating: "#", count: level) + " " + text)
        (lastItem, lastRow) = (0, 0)
      } else if place.row > 0 {
        if place.row == lastRow {
          output[output.count - 1] += " " + text.replacing("|", with: "\\|") + " |"
        } else {
          let isSameTable = lastRow > 0 && places[lastRow].table == place.table
          let line = "| " + text.replacing("|", with: "\\|") + " |"
          if isSameTable {
            // The first row is the head.
            if !hasSeparator { output[output.count - 1] += "\n" + separator(for: output[output.count - 1]) }
            output[output.count - 1] += "\n" + line
          } else {
            output.append(line)
          }
          hasSeparator = isSameTable
          lastRow = place.row
        }
        lastItem = 0
      } else if place.item > 0 {
        // Nobody reads a list so deep, and the spaces of a hostile one would outweigh its page a thousand times.
        let indent = String(repeating: "  ", count: min(12, max(0, places[place.item].depth - 1)))
        let isOrdered = document.nodes[document.parent(of: place.item)].tag == .ol
        if place.item == lastItem {
          output.append(indent + (isOrdered ? "   " : "  ") + text)
        } else if lastItem > 0 {
          output[output.count - 1] += "\n" + indent + (isOrdered ? "1. " : "- ") + text
        } else {
          output.append(indent + (isOrdered ? "1. " : "- ") + text)
        }
        lastItem = place.item
        lastRow = 0
      } else {
        output.append(place.quote == 0 ? text : "> " + text)
        (lastItem, lastRow) = (0, 0)
      }
    }
    return output.joined(separator: "\n\n")
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
    // What marks words begins before the first of them: `<a><code>text`.
    while index > 0, !document.nodes[index - 1].tag.isBlock, document.nodes[index - 1].tag != .text,
      Int(document.nodes[index - 1].end) > index, Int(document.nodes[index - 1].end) <= nodes.upperBound
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
      case .text: output += String(decoding: document.textBytes(of: index), as: UTF8.self)
      case .br: output += " "
      default: if node.tag.isSilent { index = max(end, index + 1); continue }
      }
      index += 1
    }
    return output.folded
  }
}
