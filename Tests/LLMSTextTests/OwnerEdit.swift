import Testing

/// An edit that a site's owner makes in a generated llms.txt.
struct OwnerEdit: Sendable, CustomTestStringConvertible {
  let name: String
  let apply: @Sendable (String) -> String
  /// Whether a later version of the file still has the edit.
  let isKept: @Sendable (String) -> Bool

  var testDescription: String { name }

  /// Replaces a text that occurs once.
  static func replace(_ name: String, _ old: String, _ new: String) -> OwnerEdit {
    OwnerEdit(name: name) { text in
      text.replacing(old, with: new, maxReplacements: 1)
    } isKept: { text in
      text.contains(new) && (new.contains(old) || !text.contains(old))
    }
  }

  /// Removes a text and everything else that a later version says of the same subject.
  static func remove(_ name: String, _ old: String, subject: String? = nil) -> OwnerEdit {
    OwnerEdit(name: name) { text in
      text.replacing(old, with: "", maxReplacements: 1)
    } isKept: { text in
      !text.contains(subject ?? old)
    }
  }

  /// Inserts a text below another text.
  static func insert(_ name: String, _ new: String, after place: String) -> OwnerEdit {
    OwnerEdit(name: name) { text in
      text.replacing(place, with: place + new, maxReplacements: 1)
    } isKept: { text in
      text.contains(new) && text.split(separator: new.split(separator: "\n")[0]).count == 2
    }
  }

  /// Inserts a text above another text.
  static func insert(_ name: String, _ new: String, before place: String) -> OwnerEdit {
    OwnerEdit(name: name) { text in
      text.replacing(place, with: new + place, maxReplacements: 1)
    } isKept: { text in
      text.contains(new) && text.split(separator: new.split(separator: "\n")[0]).count == 2
    }
  }

  /// Moves a line behind the line or heading that begins with another text.
  static func move(_ name: String, _ line: String, after place: String) -> OwnerEdit {
    OwnerEdit(name: name) { text in
      var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let moved = lines.remove(at: lines.firstIndex { $0.hasPrefix(line) }!)
      let index = lines.firstIndex { $0.hasPrefix(place) }!
      lines.insert(moved, at: place.hasPrefix("#") ? index + 2 : index + 1)
      return lines.joined(separator: "\n")
    } isKept: { text in
      // New pages may be between them, but no other heading and none of the first pages.
      let lines = text.split(separator: "\n")
      guard let index = lines.firstIndex(where: { $0.hasPrefix(place) }),
        let end = lines[(index + 1)...].firstIndex(where: { $0.hasPrefix(line) })
      else { return false }
      return lines[(index + 1)..<end].allSatisfy { $0.hasPrefix("- ") && $0.contains(/\/1\d\)/) }
        && lines.count { $0.hasPrefix(line) } == 1
    }
  }

  /// Whether the sections of a file begin in this order.
  private static func hasOrder(_ names: [String], _ text: String) -> Bool {
    let headings = text.split(separator: "\n").filter { $0.hasPrefix("## ") }.map { String($0.dropFirst(3)) }
    return headings.filter(names.contains) == names
  }

  private static func lines(_ text: String, withPrefix prefix: String) -> [Substring] {
    text.split(separator: "\n").filter { $0.hasPrefix(prefix) }
  }

  /// The lines of a section, with its heading.
  private static func section(_ name: String, _ text: String) -> String? {
    guard let start = text.firstRange(of: "## \(name)\n") else { return nil }
    let end = text[start.upperBound...].firstRange(of: "\n## ")?.lowerBound ?? text.endIndex
    return String(text[start.lowerBound..<end])
  }

  private static func moveSection(_ name: String, before other: String, order: [String]) -> OwnerEdit {
    OwnerEdit(name: "moves the section \(name) before \(other)") { text in
      let moved = section(name, text)!
      return text.replacing("\n" + moved, with: "").replacing("## \(other)\n", with: moved + "\n## \(other)\n")
    } isKept: {
      hasOrder(order, $0)
    }
  }

  private static let guide0 = "- [Guides 0](https://site.example/guides/0): Tells 0 of guides"
  private static let guide1 = "- [Guides 1](https://site.example/guides/1): Tells 1 of guides"
  private static let start = "Links under Optional can be skipped if you need a shorter context."

  static let texts: [OwnerEdit] = [
    .replace("changes the title", "# Acme\n", "# Acme Cloud\n"),
    .replace("changes the blockquote", "> Acme hosts databases for small teams.", "> Databases by hand."),
    .replace(
      "writes the blockquote on two lines", "> Acme hosts databases for small teams.",
      "> Acme hosts databases\n> for teams.\n>"),
    OwnerEdit(name: "removes the blockquote") { text in
      text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix(">") }.joined(
        separator: "\n")
    } isKept: {
      !$0.contains("\n>")
    },
    .insert("adds a second blockquote", "\n\n> Not to be confused with Acme Rockets.", after: start),
    .insert(
      "adds a paragraph of two lines above the sections", "\n\nNever guess a lock name;\nask the API first.",
      before: "\n\nLinks under"),
    .replace("adds a paragraph before the sentences", start, "Times are UTC.\n\n\(start)"),
    .replace("adds a sentence before the sentences", start, "Times are UTC! \(start)"),
    OwnerEdit(name: "adds a sentence between the sentences") {
      $0.replacing("context. Not listed", with: "context. Times are in UTC. Not listed")
    } isKept: {
      $0.contains("shorter context. Times are in UTC. Not listed: ")
    },
    OwnerEdit(name: "adds a sentence after the sentences") {
      $0.replacing(/(Not listed: .*)\n/) { "\($0.1) Times are in UTC.\n" }
    } isKept: {
      $0.contains(/Not listed: \d+ less relevant pages?. Times are in UTC.\n/)
    },
    .insert(
      "adds a list above the sections", "\n\n- Rate limit: 10 a second\n- Times are UTC\n  - also in logs",
      before: "\n\n## Guides\n"),
    .insert(
      "adds a numbered list and a heading", "\n\n### Rules\n\n1. First, read\n2. Then, write", before: "\n\n## Guides\n"
    ),
    .insert("adds a code block", "\n\n```sh\nacme login\n\n\nacme # lock\n```", before: "\n\n## Guides\n"),
    .insert("adds a comment", "\n\n<!-- reviewed by Ada\n     in May -->", before: "\n\n## Guides\n"),
    .insert(
      "adds a paragraph with a link", "\n\nSee [the status page](https://status.example/) first.",
      before: "\n\n## Guides\n"),
    .insert("adds a table", "\n\n| plan | price |\n|---|---|\n| small | 5 |", before: "\n\n## Guides\n"),
    .remove("removes a sentence of the program", start + " ", subject: "Links under Optional"),
    .replace("rewrites a sentence of the program", start, "Skip Optional if you are short of room."),
    OwnerEdit(name: "removes the number of pages") {
      $0.replacing(/\ Not listed: .*\n/, with: "\n")
    } isKept: {
      !$0.contains("Not listed")
    },
    OwnerEdit(name: "puts each sentence on a line of its own") {
      $0.replacing(". Not listed", with: ".\nNot listed")
    } isKept: {
      $0.contains("\n\(start)\nNot listed: ")
    },
    OwnerEdit(name: "removes the whole paragraph") {
      $0.replacing(/Links under.*\n\n/, with: "")
    } isKept: {
      !$0.contains("Links under") && !$0.contains("Not listed") && !$0.contains("listed below")
    },
  ]

  static let links: [OwnerEdit] = [
    .replace("changes the title of a link", "- [Guides 0](", "- [Begin here]("),
    .replace("changes a description", "): Tells 1 of guides", "): How to begin, by hand"),
    .replace(
      "changes a description that the site changes, too", "): Says 3 of guides in round 0", "): The third, by hand"),
    .remove("removes a description", ": Tells 1 of api", subject: "Tells 1 of api"),
    .replace("writes a long description", "Tells 2 of api", String(repeating: "word ", count: 200) + "end"),
    OwnerEdit(name: "changes the title of a page that the site renames") {
      $0.replacing("Guides 6, edition 0", with: "Guide six")
    } isKept: {
      lines($0, withPrefix: "- [Guide six](https://site.example/guides/6): Tells 6 of guides").count == 1
    },
    .remove("removes a link", guide1 + "\n", subject: "guides/1)"),
    .remove("removes the first link of each list", guide0 + "\n", subject: "guides/0)"),
    .remove(
      "removes a link to a page that is missing at times",
      "- [Guides 5](https://site.example/guides/5): Tells 5 of guides\n", subject: "guides/5)"),
    OwnerEdit(name: "removes many links") { text in
      text.split(separator: "\n", omittingEmptySubsequences: false).filter {
        !$0.contains("/blog/") || $0.contains("/blog/0")
      }
      .joined(separator: "\n")
    } isKept: { text in
      !(1...6).contains { text.contains("/blog/\($0))") } && text.contains("/blog/0)")
    },
    .move("moves a link up", "- [Guides 2]", after: "- [Guides 0]"),
    .move("moves a link to another section", "- [Guides 2]", after: "- [API Reference 1]"),
    .move("moves a link to Optional", "- [Blog 0]", after: "- [Legal 0]"),
    .move("moves a link out of Optional", "- [Legal 0]", after: "- [Guides 0]"),
    .insert("adds a link to another site", "\n- [Source](https://code.example/acme): The repository", after: guide0),
    .insert("adds a link to a page that is not worth a line", "\n- [Thin](https://site.example/thin/0)", after: guide0),
    .replace("links a part of a page", "(https://site.example/guides/0)", "(https://site.example/guides/0#install)"),
    .replace("emphasizes a link", guide0, "- **[Guides 0](https://site.example/guides/0)**: Tells 0 of guides"),
    .replace("writes words before a link", guide0, "- Package: [Guides 0](https://site.example/guides/0) (new)"),
    .insert("adds notes below a link", "\n  - Needs version 2\n  - Needs a key", after: guide0),
    .replace("uses another bullet and a dash", guide0, "* [Guides 0](https://site.example/guides/0) - by hand"),
  ]

  static let layout: [OwnerEdit] = [
    OwnerEdit(name: "reverses the links of a section") { text in
      let guides = section("Guides", text)!
      let lines = guides.split(separator: "\n").dropFirst().reversed()
      return text.replacing(guides, with: "## Guides\n\n\(lines.joined(separator: "\n"))\n")
    } isKept: { text in
      let lines = section("Guides", text)?.split(separator: "\n") ?? []
      return lines.compactMap { $0.firstMatch(of: /\/guides\/([0-3])\)/)?.1 } == ["3", "2", "1", "0"]
    },
    OwnerEdit(name: "uses CRLF as line ending, and changes the title") { text in
      text.replacing("# Acme\n", with: "# Acme Cloud\n").replacing("\n", with: "\r\n")
    } isKept: {
      $0.hasPrefix("# Acme Cloud")
    },
    OwnerEdit(name: "adds text at the end") {
      $0 + "\n---\n\nLast words.\n"
    } isKept: {
      $0.hasSuffix("\n\n---\n\nLast words.\n")
    },
    .insert("adds links below a link", "\n  - [Part](https://site.example/guides/0#part): By hand", after: guide0),
    .insert(
      "adds a list of links above the sections", "\n\n- [Status](https://status.example/)", before: "\n\n## Guides\n"),
    .replace("adds a second top-level heading", "## Blog\n", "# Part two\n\n## Blog\n"),
    .insert(
      "uses another list marker for its own links", "\n+ [Forum](https://forum.example/) – ask there", after: guide1),
  ]

  static let sections: [OwnerEdit] = [
    OwnerEdit(name: "renames a section") {
      $0.replacing("## API Reference\n", with: "## HTTP API\n")
    } isKept: { text in
      !text.contains("## API Reference") && section("HTTP API", text)?.contains("/api/0)") ?? false
        && lines(text, withPrefix: "- ").count { $0.contains("/api/") }
          == section("HTTP API", text)!.split(separator: "\n").count { $0.contains("/api/") }
    },
    OwnerEdit(name: "renames Optional") {
      $0.replacing("## Optional\n", with: "## Legal\n")
    } isKept: { text in
      !text.contains("## Optional") && section("Legal", text)?.contains("/legal/0)") ?? false
    },
    OwnerEdit(name: "removes a section") { text in
      text.replacing("\n" + section("Blog", text)!, with: "")
    } isKept: {
      !$0.contains("/blog/") && !$0.contains("## Blog")
    },
    OwnerEdit(name: "removes Optional") { text in
      text.replacing("\n" + section("Optional", text)!, with: "")
    } isKept: {
      !$0.contains("/legal/") && !$0.contains("## Optional")
    },
    .moveSection("Blog", before: "Guides", order: ["Blog", "Guides", "API Reference", "Optional"]),
    .moveSection("Optional", before: "Guides", order: ["Optional", "Guides", "API Reference", "Blog"]),
    .insert(
      "adds a section of links",
      "\n\n## Elsewhere\n\n- [Forum](https://forum.example/): Questions\n- [Code](https://code.example/)",
      after:
        "Says 3 of guides in round 0\n- [Guides 4](https://site.example/guides/4): Tells 4 of guides\n- [Guides 5](https://site.example/guides/5): Tells 5 of guides\n- [Guides 6, edition 0](https://site.example/guides/6): Tells 6 of guides"
    ),
    .replace("adds a section of plain lines", "## Blog\n", "## Notes\n\n- Times are UTC.\nNo link here.\n\n## Blog\n"),
    .replace("adds a paragraph at the start of a section", "## Blog\n", "## Blog\n\nWritten by Ada,\nonce a month.\n"),
    OwnerEdit(name: "adds a list at the end of a section") {
      $0.replacing("\n\n## Blog", with: "\n\nLimits:\n\n- ten a second\n- two at once\n\n## Blog")
    } isKept: {
      section("API Reference", $0)?.hasSuffix("\n\nLimits:\n\n- ten a second\n- two at once\n") ?? false
    },
    .replace("divides a section by headings", "\n- [API Reference 3]", "\n\n### More\n\n- [API Reference 3]"),
    OwnerEdit(name: "divides a section in two") {
      $0.replacing("\n- [Guides 2]", with: "\n\n## Deeper guides\n\n- [Guides 2]")
    } isKept: { text in
      section("Guides", text)?.contains("/guides/1)") ?? false
        && section("Deeper guides", text)?.contains("/guides/3)") ?? false
    },
    OwnerEdit(name: "joins two sections") {
      $0.replacing("\n\n## Blog\n\n", with: "\n")
    } isKept: {
      !$0.contains("## Blog") && section("API Reference", $0)?.contains("/blog/0)") ?? false
    },
  ]

  static let all = texts + links + layout + sections
}
