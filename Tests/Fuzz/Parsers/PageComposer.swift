/// Generates random HTML pages, some of them with unclosed elements.
struct PageComposer {
  var random: Randomness
  private var output = ""
  private var remainingBlocks = 150

  init(random: Randomness) { self.random = random }

  private static let containers = [
    "div", "section", "article", "main", "nav", "header", "footer", "aside", "ul", "ol", "table", "blockquote", "form",
    "details", "figure", "a-b",
  ]
  private static let leaves = [
    "p", "h1", "h2", "h3", "h4", "li", "td", "th", "pre", "dt", "dd", "span", "figcaption", "summary", "label",
  ]
  private static let inline = ["a", "b", "i", "em", "strong", "code", "kbd", "sup", "time", "q"]
  private static let attributes = [
    "", "", "", " class=\"content\"", " class='nav menu'", " id=toc", " role=\"main\"", " hidden", " lang=\"fr\"",
    " aria-label=\"Breadcrumb\"", " style=\"x\"", " title=\"a>b\"",
  ]
  private static let words = [
    "tide", "harbour", "gauge", "the", "of", "and", "reads", "each", "Übung", "水位", "prüft", "&amp;", "&lt;b&gt;",
    "&nbsp;", "a|b", "x_y", "*z*", "[w]", "`v`", "🌊", "12.5", "—",
  ]

  mutating func compose() -> [UInt8] {
    output = random.once(in: 5) ? "" : "<!DOCTYPE html>"
    output += "<html\(random.pick(Self.attributes))><head><title>\(phrase())</title>"
    output += random.pick([
      "", "<meta charset=utf-8>", "<meta name=description content=\"\(phrase())\">", "<link rel=canonical href=/c>",
      "<base href=/d/>",
    ])
    output += random.pick([
      "", "<script>if (a<b) \"</p>\"</script>", "<style>p{}</style>", "<meta property=og:title content='\(phrase())'>",
    ])
    output += "</head><body\(random.pick(Self.attributes))>"
    while remainingBlocks > 0 { block(depth: 0) }
    output += random.pick(["</body></html>", "</body>", ""])
    return Array(output.utf8)
  }

  private mutating func block(depth: Int) {
    remainingBlocks -= 1
    if depth < 12, random.once(in: 3) {
      let name = random.pick(Self.containers)
      output += "<\(name)\(random.pick(Self.attributes))>"
      for _ in 0..<random.below(5) where remainingBlocks > 0 { block(depth: depth + 1) }
      if !random.once(in: 12) { output += "</\(name)>" }
    } else {
      let name = random.pick(Self.leaves)
      output += "<\(name)\(random.pick(Self.attributes))>"
      for _ in 0...random.below(3) { output += random.once(in: 2) ? phrase() : "<br>" + inlineElement() }
      if !random.once(in: 6) { output += "</\(name)>" }
    }
  }

  private mutating func inlineElement() -> String {
    let name = random.pick(Self.inline)
    let reference =
      name == "a"
      ? " href=\"\(random.pick(["/a", "b/../c", "#top", "https://other.example/", "mailto:x", "?q=\(random.below(9))"]))\""
      : ""
    return "<\(name)\(reference)>\(phrase())" + (random.once(in: 10) ? "" : "</\(name)>")
  }

  private mutating func phrase() -> String {
    (0...random.below(12)).map { _ in random.pick(Self.words) }.joined(separator: random.once(in: 9) ? "\n  " : " ")
  }
}
