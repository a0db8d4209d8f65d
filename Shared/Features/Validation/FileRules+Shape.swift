import Web

extension FileRules {
  /// Checks the distribution of links over sections, and titles that share an ending.
  mutating func checkShape() {
    let links = file.links
    let filled = file.sections.filter { !$0.links.isEmpty }
    if filled.count > 1 {
      for section in filled where section.links.count == 1 && section.name != "Optional" {
        report(
          .oneLinkSection, section.line, "the section \(section.name) has only one link",
          fix: "move the link to another section")
      }
    }
    if links.count > 10,
      let largest = filled.filter({ $0.name != "Optional" }).max(by: { $0.links.count < $1.links.count }),
      largest.links.count * 10 > links.count * 6
    {
      report(
        .largeSection, largest.line, "the section \(largest.name) has \(largest.links.count) of \(links.count) links",
        fix: "split it into several sections by topic")
    }
    let part = SharedTitlePart(links.map(\.link.title))
    guard let shared = part.shared else { return }
    for (line, link) in links where link.title.hasSuffix(shared) {
      let title = part.removed(from: link.title)
      guard title != link.title, !title.isEmpty else { continue }
      report(
        .titleSuffix, line, "the titles share the ending \(shared), which says nothing about the page",
        fix: LLMSLink.line(title, link.url, link.description))
    }
  }
}
