/// Writes the main content of a page as Markdown (CommonMark, with GitHub's tables).
struct MarkdownRenderer {
  let document: HTMLDocument
  let base: NormalizedURL
  /// What each node is in. Found once from the top down: asking each block's ancestors would take the square of the
  /// time
  /// in a deeply nested page.
  private let places: [Place]

  /// The nearest elements around a node, or the node itself; 0 where there is none.
  private struct Place {
    var pre = 0, table = 0, row = 0, item = 0, quote = 0
    /// What stands before its item's first line, such as `- ` or `3. `.
    var marker = ""
    /// Spaces before that marker, and before what follows below it.
    var indent = 0, inner = 0
  }

  init(_ document: HTMLDocument, _ content: MainContent, base: NormalizedURL) {
    self.document = document
    self.base = base
    blocks = content.blocks.filter(\.isShown)
    places = Self.places(document)
  }

  private static func places(_ document: HTMLDocument) -> [Place] {
    var places = Array(repeating: Place(), count: document.nodes.count)
    /// The number of the next item of each ordered list.
    var numbers: [Int: Int] = [:]
    for index in document.nodes.indices.dropFirst() {
      let parent = document.parent(of: index)
      var place = places[parent]
      switch document.nodes[index].tag {
      case .pre: place.pre = index
      case .table: place.table = index
      case .tr: place.row = index
      case .li:
        place.item = index
        if let number = numbers[parent] {
          place.marker = "\(number). "
          numbers[parent] = number + 1
        } else {
          place.marker = "- "
        }
        place.indent = place.inner
        // Nobody reads a list so deep, and the spaces of a hostile one would outweigh its page a thousand times.
        place.inner = min(deepestIndent, place.indent + place.marker.utf8.count)
      case .blockquote: place.quote = index
      case .ol:
        numbers[index] =
          document.value(.start, of: index).flatMap { Int($0.folded) }.map { min(999_999, max(0, $0)) } ?? 1
      default: break
      }
      places[index] = place
    }
    return places
  }

  private static let deepestIndent = 24

  private let blocks: [MainContent.Block]

  /// A page's links are written out whole, so that a short page of short links can become a long text: more than this
  /// nobody reads.
  static let maximumBytes = 2 << 20

  func render() -> String {
    var output: [String] = []
    var lastItem = 0
    /// Items whose marker is written.
    var items: Set<Int> = []
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
        let code = codeBlock(place.pre, indent: place.inner)
        size += code.utf8.count
        output.append(code)
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
        if items.insert(place.item).inserted {
          let line = String(repeating: " ", count: place.indent) + place.marker + text
          if lastItem > 0 { output[output.count - 1] += "\n" + line } else { output.append(line) }
        } else {
          output.append(String(repeating: " ", count: place.inner) + text)
        }
        lastItem = place.item
        lastRow = 0
      } else {
        output.append((place.quote == 0 ? "" : "> ") + text)
        (lastItem, lastRow) = (0, 0)
      }
    }
    return output.joined(separator: "\n\n")
  }

  private func separator(for row: String) -> String {
    "|" + String(repeating: " --- |", count: max(1, row.replacing("\\|", with: "").count { $0 == "|" } - 1))
  }

  private func codeBlock(_ pre: Int, indent: Int) -> String {
    var code: [UInt8] = []
    for node in pre..<Int(document.nodes[pre].end) {
      if document.nodes[node].tag == .text { code += document.textBytes(of: node) }
      if document.nodes[node].tag == .br { code.append(0x0a) }
    }
    while let last = code.last, last <= 0x20 { code.removeLast() }
    while code.first == 0x0a { code.removeFirst() }
    let text = String(decoding: code, as: UTF8.self)
    let fence = String(repeating: "`", count: max(3, Self.longestRun(of: "`", in: text) + 1))
    let block = fence + language(of: pre) + "\n" + text + "\n" + fence
    guard indent > 0 else { return block }
    let spaces = String(repeating: " ", count: indent)
    return spaces + block.replacing("\n", with: "\n" + spaces)
  }

  /// What the code is written in, as highlighters mark it: `language-js` and `lang-js` on it or inside, `highlight-js`
  /// and
  /// `highlight-source-js` around it.
  private func language(of pre: Int) -> String {
    var nodes = [pre]
    if pre + 1 < Int(document.nodes[pre].end), document.nodes[pre + 1].tag == .code { nodes.append(pre + 1) }
    let parent = document.parent(of: pre)
    nodes += [parent, document.parent(of: max(1, parent))]
    for node in nodes where node > 0 {
      for word in (document.value(.class, of: node) ?? "").split(separator: " ") {
        for prefix in ["language-", "lang-", "highlight-source-", "highlight-"] where word.hasPrefix(prefix) {
          let name = word.dropFirst(prefix.count).lowercased()
          if (1...20).contains(name.count),
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-#".contains($0)) }),
            !Self.noLanguages.contains(name)
          {
            return name
          }
        }
      }
    }
    return ""
  }

  private static let noLanguages: Set<String> = [
    "default", "none", "text", "plain", "plaintext", "notranslate", "line", "lines", "wrapper", "container",
  ]
}
