import Testing
import Web

@testable import LLMSText
@testable import SiteAnalysis

/// Refreshes of files that their owners have edited.
struct MergeTests {
  @Test func thereAreAtLeastFortyEdits() {
    #expect(OwnerEdit.all.count >= 40)
    #expect(Set(OwnerEdit.all.map(\.name)).count == OwnerEdit.all.count)
  }

  @Test("an edit is kept in ten refreshes of a changing site", arguments: OwnerEdit.all)
  func editIsKept(edit: OwnerEdit) {
    var file = RefreshedFile()
    #expect(!edit.isKept(file.text))
    file.edit(edit.apply)
    #expect(edit.isKept(file.text), "the edit itself:\n\(file.text)")
    for round in 1...10 {
      file.refresh(round)
      #expect(edit.isKept(file.text), "round \(round):\n\(file.text)")
      checkFile(file.text, round)
      let text = file.text
      file.refresh(round)
      #expect(file.text == text, "the same site gives the same file")
      if !edit.isKept(file.text) { break }
    }
  }

  /// The file can be parsed, follows the site, and repeats nothing.
  private func checkFile(_ text: String, _ round: Int) {
    let file = LLMSFile(text)
    #expect(file.title != nil)
    let urls = file.links.map(\.link.url)
    #expect(Set(urls).count == urls.count, "round \(round): a link is repeated\n\(text)")
    #expect(
      !urls.contains { $0.hasSuffix("/4") && !$0.contains("legal") } || round < 2,
      "round \(round): a page that is gone is linked\n\(text)")
    #expect(text.split(separator: "Not listed: ").count <= 2 && text.split(separator: "Links under").count <= 2)
    #expect(text.contains("## Optional\n") || !text.contains("Links under Optional"))
    if text.contains("Not listed: ") { #expect(text.contains("Not listed: \(round + 1) less relevant page")) }
    // New pages are in the section that has their neighbours.
    for section in file.sections where section.links.contains(where: { $0.link.url.contains("/guides/0") }) {
      let added = section.links.count { $0.link.url.contains("/guides/1") && !$0.link.url.hasSuffix("/1") }
      #expect(added > 0 || round < 3, "round \(round): no new page\n\(text)")
    }
    #expect(file.sections.count <= 6, "round \(round)\n\(text)")
  }

  @Test("all edits that do not exclude one another are kept together")
  func editsAreKeptTogether() {
    let names = [
      "changes the title", "changes the blockquote", "adds a sentence between the sentences",
      "adds a list above the sections",
      "changes the title of a link", "changes a description", "removes a link to a page that is missing at times",
      "moves a link to Optional", "renames a section", "adds a section of plain lines",
      "adds a paragraph at the start of a section", "removes a description", "adds a code block",
    ]
    let edits = OwnerEdit.all.filter { names.contains($0.name) }
    #expect(edits.count == names.count)
    var file = RefreshedFile()
    for (index, edit) in edits.enumerated() {
      file.edit(edit.apply)
      #expect(edit.isKept(file.text), "\(edit.name)\n\(file.text)")
      file.refresh(index)
      for earlier in edits[...index] {
        #expect(earlier.isKept(file.text), "\(earlier.name), round \(index)\n\(file.text)")
      }
    }
  }

  @Test("an edit is kept though a generated file in between was not published", arguments: OwnerEdit.all)
  func unpublishedFilesAreNoBase(edit: OwnerEdit) {
    var file = RefreshedFile()
    file.edit(edit.apply)
    for round in 1...5 { file.refresh(round, publish: false) }
    file.refresh(6)
    #expect(edit.isKept(file.text), "\(file.text)")
    checkFile(file.text, 6)
  }

  @Test func fileWithoutEditsIsReplaced() {
    var file = RefreshedFile()
    for round in 1...10 {
      file.refresh(round)
      #expect(file.text == LLMSTextComposer(ChangingSite(round: round).report(existing: nil, [])).compose().rendered())
    }
  }

  @Test func pageThatWasMissingComesBack() {
    var file = RefreshedFile()
    file.edit { $0.replacing("# Acme\n", with: "# Acme Cloud\n") }
    for round in 1...9 {
      file.refresh(round)
      #expect(file.text.contains("/guides/5)") == (round % 3 != 2), "round \(round)\n\(file.text)")
    }
  }

  @Test func uneditedLinesFollowTheSite() {
    var file = RefreshedFile()
    file.edit { $0.replacing("- [Guides 0](", with: "- [Begin]").replacing("- [Begin]", with: "- [Begin](") }
    file.refresh(5)
    #expect(file.text.contains("- [Guides 6, edition 5](https://site.example/guides/6): Tells 6 of guides\n"))
    #expect(file.text.contains(": Says 3 of guides in round 5\n"))
    #expect(file.text.contains("- [Begin](https://site.example/guides/0): Tells 0 of guides\n"))
  }

  private static let byHand = """
    # Acme by hand

    > We host databases.

    By hand,
    on two lines.

    ## Zebras

    - [Second](https://site.example/guides/1): By hand
    - [First](https://site.example/guides/0)
    - [Third](https://site.example/guides/2)
    - [Fourth](https://site.example/guides/3)

    Notes stay.

    ## Gone

    - [Gone](https://site.example/gone)

    ## Optional

    - [Left](https://site.example/blog/0)
    - [Source](https://code.example/acme)
    """

  @Test("a file that was written by hand stays, without dead links, and new pages are added")
  func handwrittenFile() {
    var file = RefreshedFile(byHand: Self.byHand)
    for round in 1...10 {
      file.refresh(round, publish: round > 2)
      if round <= 2 { continue }
      #expect(
        file.text.hasPrefix("# Acme by hand\n\n> We host databases.\n\nBy hand,\non two lines.\n\n## Zebras\n\n"),
        "\(file.text)")
      #expect(file.text.contains("- [Second](https://site.example/guides/1): By hand\n"))
      #expect(file.text.contains("- [First](https://site.example/guides/0)\n"))
      #expect(file.text.contains("Notes stay."))
      #expect(!file.text.contains("Gone"))
      let sections = LLMSFile(file.text).sections
      #expect(sections.map(\.name) == ["Zebras", "API Reference", "Blog", "Optional"])
      #expect(sections[0].links.contains { $0.link.url.hasSuffix("/guides/6") }, "new pages join their neighbours")
      #expect(
        sections[3].links.contains { $0.link.title == "Left" }
          && !sections[2].links.contains { $0.link.title == "Left" })
    }
  }

  @Test("a link of a handwritten file that the owner removes later stays out")
  func removalFromHandwrittenFile() {
    var file = RefreshedFile(byHand: Self.byHand)
    file.refresh(1)
    #expect(file.text.contains("/api/1)"))
    file.edit { $0.replacing(/- .*\/api\/1\).*\n/, with: "") }
    for round in 2...6 {
      file.refresh(round)
      #expect(!file.text.contains("/api/1)"))
    }
  }
}
