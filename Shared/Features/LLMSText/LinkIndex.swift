import Web

/// The links of a file by the pages that they lead to.
struct LinkIndex {
  struct Place {
    let section: Int
    /// The position of the link among all links of the file.
    let position: Int
    let link: LLMSTextFile.Link
  }

  let file: LLMSTextFile
  private(set) var places: [Place] = []
  /// The position of the first link to a page.
  private var byPage: [NormalizedURL: Int] = [:]
  /// The position of the first link to one of the versions of a page, HTML or Markdown.
  private var byVersion: [NormalizedURL: Int] = [:]

  init(_ file: LLMSTextFile) {
    self.file = file
    for (section, contents) in file.sections.enumerated() {
      for link in contents.links {
        let position = places.count
        places.append(Place(section: section, position: position, link: link))
        guard let url = try? NormalizedURL(link.url) else { continue }
        if byPage[url.pageIdentity] == nil { byPage[url.pageIdentity] = position }
        if url.query == nil, byVersion[url.versionIdentity] == nil { byVersion[url.versionIdentity] = position }
      }
    }
  }

  /// The link of this file to the same page as another file's link.
  subscript(link: LLMSTextFile.Link) -> Place? {
    guard let url = try? NormalizedURL(link.url) else { return nil }
    return (byPage[url.pageIdentity] ?? (url.query == nil ? byVersion[url.versionIdentity] : nil)).map { places[$0] }
  }

  /// The section that corresponds to a section of another file: the one with the same name, or else the one that has
  /// more than half of its links.
  func counterpart(of section: LLMSTextFile.Section) -> Int? {
    file.sections.firstIndex { $0.name == section.name } ?? majority(of: section)
  }

  func majority(of section: LLMSTextFile.Section) -> Int? {
    var counts: [Int: Int] = [:]
    for link in section.links { if let place = self[link] { counts[place.section, default: 0] += 1 } }
    return counts.first { $0.value * 2 > section.links.count }?.key
  }
}
