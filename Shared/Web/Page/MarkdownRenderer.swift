/// Renders the main content of a page as Markdown (CommonMark with GitHub's tables).
struct MarkdownRenderer {
  let document: HTMLDocument
  let base: NormalizedURL
  /// The block context of each node, computed once from the top down: looking up the ancestors of each block would
  /// take quadratic time in a deeply nested page.
  private let contexts: [Context]

  /// The nearest elements of each kind that contain a node, or the node itself; 0 if there is none.
  private struct Context {
    var pre = 0, table = 0, row = 0, item = 0, quote = 0
    /// The list marker of the item, such as `- ` or `3. `.
    var marker = ""
    /// The number of spaces before that marker, and before further blocks of the item.
    var indent = 0, contentIndent = 0
  }

  init(_ document: HTMLDocument, _ content: MainContent, base: NormalizedURL) {
    self.document = document
    self.base = base
    blocks = content.blocks.filter(\.isIncluded)
    contexts = Self.contexts(document)
  }

  private static func contexts(_ document: HTMLDocument) -> [Context] {
    var contexts = Array(repeating: Context(), count: document.nodes.count)
    /// The number of the next item for each ordered list.
    var numbers: [Int: Int] = [:]
    for index in document.nodes.indices.dropFirst() {
      let parent = document.parent(of: index)
      var context = contexts[parent]
      switch document.nodes[index].tag {
      case .pre: context.pre = index
      case .table: context.table = index
      case .tr: context.row = index
      case .li:
        context.item = index
        if let number = numbers[parent] {
          context.marker = "\(number). "
          numbers[parent] = number + 1
        } else {
          context.marker = "- "
        }
        context.indent = context.contentIndent
        // Limit the indent: a hostile list could be nested so deeply that its spaces outweigh the page a thousand
        // times.
        context.contentIndent = min(maximumIndent, context.indent + context.marker.utf8.count)
      case .blockquote: context.quote = index
      case .ol:
        numbers[index] =
          document.value(.start, of: index).flatMap { Int($0.folded) }.map { min(999_999, max(0, $0)) } ?? 1
      default: break
      }
      contexts[index] = context
    }
    return contexts
  }

  private static let maximumIndent = 24

  private let blocks: [MainContent.Block]

  /// The maximum size of the output. Links are written as absolute URLs, so a short page of short links can become a
  /// long text.
  static let maximumBytes = 2 << 20

  func render() -> String {
    var output: [String] = []
    var lastItem = 0
    /// The items whose marker has been written.
    var startedItems: Set<Int> = []
    var lastRow = 0
    var hasSeparator = false
    var renderedPre = 0
    var size = 0
    for block in blocks {
      guard size < Self.maximumBytes else { break }
      let context = contexts[block.element]
      if context.pre > 0 {
        guard context.pre != renderedPre else { continue }
        renderedPre = context.pre
        let code = codeBlock(context.pre, indent: context.contentIndent)
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
      } else if context.row > 0 {
        if context.row == lastRow {
          output[output.count - 1] += " " + text.replacing("|", with: "\\|") + " |"
        } else {
          let isSameTable = lastRow > 0 && contexts[lastRow].table == context.table
          let line = "| " + text.replacing("|", with: "\\|") + " |"
          if isSameTable {
            // The first row becomes the table header.
            if !hasSeparator { output[output.count - 1] += "\n" + separator(for: output[output.count - 1]) }
            output[output.count - 1] += "\n" + line
          } else {
            output.append(line)
          }
          hasSeparator = isSameTable
          lastRow = context.row
        }
        lastItem = 0
      } else if context.item > 0 {
        if startedItems.insert(context.item).inserted {
          let line = String(repeating: " ", count: context.indent) + context.marker + text
          if lastItem > 0 { output[output.count - 1] += "\n" + line } else { output.append(line) }
        } else {
          output.append(String(repeating: " ", count: context.contentIndent) + text)
        }
        lastItem = context.item
        lastRow = 0
      } else {
        output.append((context.quote == 0 ? "" : "> ") + text)
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

  /// The programming language of a code block, from the classes of highlighters: `language-js` and `lang-js` on the
  /// element or inside it, `highlight-js` and `highlight-source-js` around it.
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
            !Self.nonLanguageNames.contains(name)
          {
            return name
          }
        }
      }
    }
    return ""
  }

  private static let nonLanguageNames: Set<String> = [
    "default", "none", "text", "plain", "plaintext", "notranslate", "line", "lines", "wrapper", "container",
  ]
}
