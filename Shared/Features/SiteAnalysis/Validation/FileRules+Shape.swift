import Web

extension FileRules {
  /// How the links are spread over sections, and what their titles share.
  mutating func checkShape() {
    let links = file.links
    let filled = file.sections.filter { !$0.links.isEmpty }
    if filled.count > 1 {
      for section in filled where section.links.count == 1 && section.name != "Optional" {
        report(
          .oneLinkSection, section.line, "the section \(section.name) holds a single link",
          fix: "put the link into a section that it belongs to")
      }
    }
    if links.count > 10,
      let largest = filled.filter({ $0.name != "Optional" }).max(by: { $0.links.count < $1.links.count }),
      largest.links.count * 10 > links.count * 6
    {
      report(
        .largeSection, largest.line, "the section \(largest.name) holds \(largest.links.count) of \(links.count) links",
        fix: "split it by what a reader looks for")
    }
    let titles = Titles(links.map(\.link.title))
    guard let shared = titles.shared else { return }
    for (line, link) in links where link.title.hasSuffix(shared) {
      let title = titles.withoutShared(link.title)
      guard title != link.title, !title.isEmpty else { continue }
      report(
        .titleSuffix, line, "the titles share the ending \(shared), which tells nothing of the page",
        fix: LLMSLink.line(title, link.url, link.description))
    }
  }
}
