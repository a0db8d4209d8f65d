import Web

/// Tests ``LLMSFile``: each line is at most one element, and links are not longer than the file.
struct LLMSSubject: Subject {
  let name = "llms"
  let maximumBytes = 8192

  let dictionary =
    [
      "# ", "## ", "### ", "#", "> ", "- ", "* ", "+ ", "1. ", "[", "](", ")", "[a](b)",
      "- [Name](https://example.com/a): a description\n", "](<", ">)", "\\]", "\\", "((", "[[", "]]",
      "```", "````", "~~~", "<!--", "-->", ": ", " - ", "## Optional\n", "\n", "\r", "\r\n", "\n\n", "\t", "    ",
      "\u{feff}", "\u{a0}", "\u{2028}", "\u{0}", "\u{300}", "👩‍👩‍👧‍👦", "[x](", "](y", "- [ ](",
    ].tokens + [[0xff, 0xfe], [0xc0, 0x80], [0xed, 0xa0, 0x80]]

  func samples(in folder: String) -> [[UInt8]] { [] }

  func compose(_ random: inout Randomness) -> [UInt8] {
    var text = random.pick([
      "# Name\n", "# Name\n\n> A summary\n\n", "", "\u{feff}# Name\n", "Name\n====\n", "> first\n# second\n",
    ])
    for index in 0..<random.below(40) {
      text += random.pick([
        "## Section \(index)\n", "- [Page \(index)](https://example.com/\(index)): about \(index)\n",
        "- [Page \(index)](/\(index))\n", "* [a [b] c](/x_(y))\n", "Some text.\n", "> a quote\n",
        "  - [deep](/d): x [second](/e)\n", "```\n- [code](/c)\n", "```\n", "<!-- - [hidden](/h)\n", "-->\n",
        "### Third\n", "\n", "- no link\n", "-[tight](/t)\n", "[bare](/b)\n",
      ])
    }
    return Array(text.utf8)
  }

  func check(_ input: [UInt8], _ random: inout Randomness) throws(Violation) {
    let file = LLMSFile(input)
    let repeated = LLMSFile(input)
    try require(
      file.lines == repeated.lines && file.head == repeated.head && file.reference == repeated.reference,
      "parsing is deterministic")
    try require(file.lines.count <= input.count, "there are no more lines than bytes")
    try require(file.characters <= input.count, "there are no more characters than bytes")
    let elements = file.head + file.sections.flatMap(\.elements)
    try require(
      elements.allSatisfy { (1...max(1, file.lines.count)).contains($0.line) },
      "every element has a valid line number")
    try require(zip(elements, elements.dropFirst()).allSatisfy { $0.line < $1.line }, "a line has at most one element")
    let links = file.headLinks + file.links
    try require(
      links.reduce(0) { $0 + $1.link.title.utf8.count + $1.link.url.utf8.count } <= 3 * input.count,
      "links are not longer than the file")
    for (_, link) in links { try require(!link.corrected.utf8.contains(0x0a), "a corrected link has one line") }
  }
}
