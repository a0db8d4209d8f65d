import SiteAnalysis
import Web

/// Makes the titles and descriptions of the links of a file distinct.
struct LinkTexts {
  /// The pages of the site by identity, to name the pages above a page.
  private let titles: [NormalizedURL: String]

  init(_ report: SiteReport) {
    titles = Dictionary(report.pages.map { ($0.url.pageIdentity, $0.title) }, uniquingKeysWith: { first, _ in first })
  }

  /// Adds to equal titles the name of the section or of a page above: `Quickstart (Realtime)`.
  ///
  /// A title is unchanged if it is the name of its section, or if its page has no place of its own among the others.
  func distinguishTitles(_ groups: inout [LLMSTextComposer.Group]) {
    let pages = groups.flatMap(\.pages)
    let pagesByTitle = Dictionary(grouping: pages) { $0.title.lowercased() }.filter { $0.value.count > 1 }
    var names: [NormalizedURL: String] = [:]
    for (_, same) in pagesByTitle {
      let places = self.places(of: same)
      for (page, place) in zip(same, places) { names[page.url] = place }
    }
    for index in groups.indices {
      for page in groups[index].pages.indices {
        if let place = names[groups[index].pages[page].url] { groups[index].pages[page].title += " (\(place))" }
      }
    }
  }

  /// Returns for each of several pages with one title the name that tells it apart, or `nil` to keep the title alone.
  ///
  /// The name of the section is used if all sections differ. Else it is the name of the nearest page or folder above
  /// that no other of the pages has.
  private func places(of pages: [SiteReport.Entry]) -> [String?] {
    func isOwn(_ place: String?, _ page: SiteReport.Entry) -> Bool { place?.lowercased() != page.title.lowercased() }
    let sections = pages.map { $0.category == SiteReport.generalCategory ? nil : $0.category }
    let general = sections.count { $0 == nil }
    if general <= 1, Set(sections).count == pages.count {
      return zip(sections, pages).map { isOwn($0, $1) ? $0 : nil }
    }
    let ancestors = pages.map(self.ancestors)
    var places = zip(pages, ancestors).enumerated().map { index, pair -> String? in
      let others = ancestors.enumerated().filter { $0.offset != index }.flatMap(\.element)
      return pair.1.first { place in !others.contains(place) && isOwn(place, pair.0) }
    }
    // Several pages without a place of their own differ only in the last part of their paths.
    let bare = pages.indices.filter { places[$0] == nil }
    if bare.count > 1 {
      for index in bare {
        let name = pages[index].url.segments.last.map(\.humanized) ?? ""
        places[index] = !name.isEmpty && isOwn(name, pages[index]) ? name : nil
      }
    }
    return places
  }

  /// The names of the pages and folders above a page, the nearest first.
  private func ancestors(of page: SiteReport.Entry) -> [String] {
    var segments = page.url.segments
    var names: [String] = []
    while segments.popLast() != nil, let folder = segments.last {
      let path = "/" + segments.joined(separator: "/")
      let title = [path + "/", path, path + ".html"].lazy.compactMap { titles[page.url.at(path: $0).pageIdentity] }
        .first
      let name = title.flatMap { $0.count <= Self.longestPlace ? $0 : nil } ?? folder.humanized
      if name.count > 1, name.contains(where: \.isLetter) { names.append(name) }
    }
    return names
  }

  private static let longestPlace = 32

  /// Removes descriptions that another link before them has.
  func dropRepeatedDescriptions(_ groups: inout [LLMSTextComposer.Group]) {
    var seen: Set<String> = []
    for index in groups.indices {
      for page in groups[index].pages.indices {
        if let text = groups[index].pages[page].description, !seen.insert(text).inserted {
          groups[index].pages[page].description = nil
        }
      }
    }
  }
}
