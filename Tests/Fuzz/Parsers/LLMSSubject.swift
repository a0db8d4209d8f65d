import Web

/// Files of llms.txt: every line that is not empty is one element, of the file itself and of nothing else.
struct LLMSSubject: Subject {
  let name = "llms"
  let maximumBytes = 8192

  let dictionary =
    [
      "# ", "## ", "### ", "#", "> ", "- ", "* ", "+ ", "1. ", "[", "](", ")", "[a](b)",
      "- [Name](https://example.com/a): what it is\n", "](<", ">)", "\\]", "\\", "((", "[[", "]]",
      "```", "````", "~~~", "<!--", "-->", ": ", " - ", "## Optional\n", "\n", "\r", "\r\n", "\n\n", "\t", "    ",
      "\u{feff}", "\u{a0}", "\u{2028}", "\u{0}", "\u{300}", "👩‍👩‍👧‍👦", "[x](", "](y", "- [ ](",
    ].tokens + [[0xff, 0xfe], [0xc0, 0x80], [0xed, 0xa0, 0x80]]

  func samples(in folder: String) -> [[UInt8]] { [] }

  func compose(_ random: inout Randomness) -> [UInt8] {
    var text = random.pick([
      "# Name\n", "# Name\n\n> What it is\n\n", "", "\u{feff}# Name\n", "Name\n====\n", "> first\n# second\n",
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
    let again = LLMSFile(input)
    try require(
      file.lines == again.lines && file.head == again.head && file.reference == again.reference,
      "the same file reads the same")
    try require(file.lines.count <= input.count, "there are no more lines than bytes")
    try require(file.characters <= input.count, "there are no more characters than bytes")
    let elements = file.head + file.sections.flatMap(\.elements)
    try require(
      elements.allSatisfy { (1...max(1, file.lines.count)).contains($0.line) },
      "an element stands on a line of the file")
    try require(zip(elements, elements.dropFirst()).allSatisfy { $0.line < $1.line }, "a line is one element")
    let links = file.headLinks + file.links
    try require(
      links.reduce(0) { $0 + $1.link.title.utf8.count + $1.link.url.utf8.count } <= 3 * input.count,
      "links are no longer than the file")
    for (_, link) in links { try require(!link.corrected.utf8.contains(0x0a), "a link that is corrected is one line") }
  }
}
