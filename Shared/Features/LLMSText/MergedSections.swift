import Web

/// The sections of a merged file: the owner's sections, and the new pages among them.
struct MergedSections {
  struct Merged {
    var section: LLMSTextFile.Section
    /// For each line, the position of its link in the new file; nil for other lines.
    var positions: [Int?]
    /// The index of the section in the owner's file; nil for a new section.
    let origin: Int?
  }

  private let merge: LLMSTextMerge
  private(set) var sections: [Merged] = []
  /// The links that the site moved to another section, by position in the new file, with the owner's texts.
  private var relocated: [Int: LLMSTextFile.Link] = [:]
  /// The links that were not added because the file is too long, as positions in the new file.
  private var omitted: Set<Int> = []

  private var new: LinkIndex { merge.new }

  init(_ merge: LLMSTextMerge) {
    self.merge = merge
    for (index, section) in merge.theirs.file.sections.enumerated() {
      var merged = Merged(section: section, positions: [], origin: index)
      merged.section.lines = []
      var isDropping = false
      for line in section.lines {
        if case .link(let link) = line {
          let kept = self.kept(link, in: index)
          isDropping = kept == nil
          if let kept { merged.append(.link(kept), at: new[kept]?.position) }
        } else if isDropping, line.isIndented {
          // A note below a link that was dropped.
        } else if !isDropping || !line.isBlank || !(merged.section.lines.last?.isBlank ?? true) {
          merged.append(line, at: nil)
        }
      }
      sections.append(merged)
    }
    sections.removeAll { $0.section.lines.allSatisfy(\.isBlank) }
    followNames()
  }

  // MARK: The owner's links

  /// The link as it stays in the owner's section; nil if it is dropped or relocated.
  private mutating func kept(_ link: LLMSTextFile.Link, in section: Int) -> LLMSTextFile.Link? {
    if merge.isDead(link) { return nil }
    guard let base = merge.base, let old = base[link] else { return link }
    let baseSection = base.file.sections[old.section]
    let isMoved = merge.theirs.counterpart(of: baseSection) != section
    guard let place = new[link] else {
      let isEdited =
        isMoved || !link.isPlain || link.title != old.link.title || link.description != old.link.description
        || link.url != old.link.url
      return isEdited ? link : nil
    }
    let merged = LLMSTextMerge.merged(link, old: old.link, new: place.link)
    if !isMoved, merge.theirs.file.sections[section].name == baseSection.name,
      new.counterpart(of: baseSection) != place.section
    {
      relocated[place.position] = merged
      return nil
    }
    return merged
  }

  /// Renames the sections that the site has renamed and the owner has not.
  private mutating func followNames() {
    guard let base = merge.base else { return }
    for index in sections.indices {
      let name = sections[index].section.name
      guard let old = base.file.sections.first(where: { $0.name == name }),
        !new.file.sections.contains(where: { $0.name == name }), let match = new.majority(of: old)
      else { continue }
      let section = new.file.sections[match]
      let count = sections[index].positions.count { $0.map { new.places[$0].section == match } ?? false }
      if count * 2 > section.links.count, !sections.contains(where: { $0.section.name == section.name }) {
        sections[index].section.name = section.name
      }
    }
  }

  // MARK: New pages

  mutating func addNewPages() {
    var length = sections.reduce(0) { $0 + $1.section.characters }
    for place in new.places {
      if location(of: place.position) != nil { continue }
      var link = place.link
      if let edited = relocated[place.position] {
        link = edited
      } else if isRemoved(link) {
        continue
      } else if length + link.rendered.count > LLMSTextMerge.maximumCharacters {
        omitted.insert(place.position)
        continue
      }
      if insert(link, place) { length += link.rendered.count }
    }
  }

  private func location(of position: Int) -> (section: Int, line: Int)? {
    for (index, section) in sections.enumerated() {
      if let line = section.positions.firstIndex(of: position) { return (index, line) }
    }
    return nil
  }

  /// - Returns: false if the owner has removed the section of the link.
  private mutating func insert(_ link: LLMSTextFile.Link, _ place: LinkIndex.Place) -> Bool {
    let section = new.file.sections[place.section]
    if let index = target(of: place) {
      let line = sections[index].line(near: place.position) { new.places[$0].section == place.section }
      sections[index].insert(.link(link), position: place.position, at: line)
      return true
    }
    if relocated[place.position] == nil, isRemoved(section) { return false }
    var merged = Merged(section: .init(name: section.name, lines: []), positions: [], origin: nil)
    merged.append(.link(link), at: place.position)
    sections.insert(merged, at: index(ofNew: place.section))
    return true
  }

  /// The section that has the neighbours of a new page, or that corresponds to its section in the new file.
  ///
  /// A section of the new file is not a part of the owner's sections if the owner lists less than half of it.
  private func target(of place: LinkIndex.Place) -> Int? {
    let section = new.file.sections[place.section]
    let range = new.places.filter { $0.section == place.section }.map(\.position)
    let located = range.compactMap { position in location(of: position).map { (position, $0.section) } }
    let before = located.filter { $0.0 < place.position }.suffix(2).map(\.1).reversed()
    let after = located.filter { $0.0 > place.position }.prefix(2).map(\.1)
    let neighbours = before + after
    let listed = range.count { location(of: $0) != nil || !isRemoved(new.places[$0].link) }
    let counterpart = counterpart(of: section)
    if let counterpart, sections[counterpart].origin == nil { return counterpart }
    if located.count * 2 < listed { return counterpart }
    var candidates = neighbours + (counterpart.map { [$0] } ?? [])
    func fits(_ index: Int) -> Bool {
      (sections[index].section.name == LLMSTextFile.optional) == (section.name == LLMSTextFile.optional)
    }
    func rank(_ index: Int) -> (Int, Int, Int) {
      (fits(index) ? 1 : 0, neighbours.count { $0 == index }, located.count { $0.1 == index })
    }
    // A section joins Optional, or leaves it, only if the owner moved half of it.
    candidates.removeAll { index in !fits(index) && located.count { $0.1 == index } * 2 < listed }
    // The first of several equal candidates is that of the nearest page.
    return candidates.reduce(nil as Int?) { best, index in best.map { rank($0) >= rank(index) } ?? false ? best : index
    }
  }

  /// The merged section with the name of a new section, or with most links of its earlier version.
  private func counterpart(of section: LLMSTextFile.Section) -> Int? {
    if let named = sections.firstIndex(where: { $0.section.name == section.name }) { return named }
    let old = merge.base.flatMap { base in base.counterpart(of: section).map { base.file.sections[$0] } }
    let origin = old.flatMap(merge.theirs.majority)
    return origin.flatMap { origin in sections.firstIndex { $0.origin == origin } }
  }

  /// Whether a link that is not in the merged file is dead, or was removed by the owner.
  private func isRemoved(_ link: LLMSTextFile.Link) -> Bool { merge.theirs[link] != nil || merge.base?[link] != nil }

  /// Whether the base has a section that corresponds to a new section, but the owner's file has none of its links.
  private func isRemoved(_ section: LLMSTextFile.Section) -> Bool {
    guard let base = merge.base, let index = base.counterpart(of: section) else { return false }
    return base.file.sections[index].links.allSatisfy { merge.theirs[$0] == nil }
  }

  /// The index at which a new section is inserted: after the section that it follows in the new file, but before
  /// Optional.
  private func index(ofNew section: Int) -> Int {
    func index(of other: Int) -> Int? {
      let name = new.file.sections[other].name
      return sections.firstIndex { $0.section.name == name }
        ?? sections.firstIndex { $0.positions.contains { $0.map { new.places[$0].section == other } ?? false } }
    }
    let previous = (0..<section).reversed().lazy.compactMap(index).first.map { $0 + 1 }
    let next = ((section + 1)..<new.file.sections.count).lazy.compactMap(index).first
    // The first section of a handwritten file stays first.
    let found = previous ?? (merge.base == nil ? nil : next) ?? sections.count
    let isOptionalLast = sections.last?.section.name == LLMSTextFile.optional
    return isOptionalLast ? min(found, sections.count - 1) : found
  }

  // MARK: The next base

  /// Adds the links that the new file has lost and that the owner has edited or removed, and removes those that were
  /// not added to the owner's file for its length.
  func carryEdits(into next: inout LLMSTextFile) {
    next.sections = next.sections.map { section in
      var section = section
      section.lines.removeAll { line in
        if case .link(let link) = line { new[link].map { omitted.contains($0.position) } ?? false } else { false }
      }
      return section
    }
    guard let base = merge.base else { return }
    let kept = LinkIndex(LLMSTextFile(title: "", head: [], sections: sections.map(\.section)))
    for place in base.places where new[place.link] == nil {
      let isDropped = merge.theirs[place.link] != nil && kept[place.link] == nil
      if isDropped { continue }
      let name = base.file.sections[place.section].name
      if let index = next.sections.firstIndex(where: { $0.name == name }) {
        next.sections[index].lines.append(.link(place.link))
      } else {
        next.sections.append(.init(name: name, links: [place.link]))
      }
    }
  }

  /// The names of the new file's sections that have another name in the merged file.
  var renamed: [(from: String, to: String)] {
    new.file.sections.enumerated().compactMap { index, section in
      if sections.contains(where: { $0.section.name == section.name }) { return nil }
      var counts: [String: Int] = [:]
      for merged in sections {
        counts[merged.section.name] = merged.positions.count { $0.map { new.places[$0].section == index } ?? false }
      }
      return counts.first { $0.value * 2 > section.links.count }.map { (section.name, $0.key) }
    }
  }
}

extension MergedSections.Merged {
  mutating func append(_ line: LLMSTextFile.Line, at position: Int?) {
    section.lines.append(line)
    positions.append(position)
  }

  mutating func insert(_ line: LLMSTextFile.Line, position: Int?, at index: Int) {
    // A list needs an empty line between it and a paragraph.
    if index > 0, case .text = section.lines[index - 1], !section.lines[index - 1].isBlank,
      !section.lines[index - 1].isIndented
    {
      section.lines.insert(.text(""), at: index)
      positions.insert(nil, at: index)
      insert(line, position: position, at: index + 1)
      return
    }
    section.lines.insert(line, at: index)
    positions.insert(position, at: index)
  }

  /// The line at which a new link is inserted: below the nearest link that precedes it in the new file, above the
  /// nearest link that follows it, or below the last link.
  ///
  /// - Parameter isNeighbour: whether a position of the new file is in the section of the new link.
  func line(near position: Int, _ isNeighbour: (Int) -> Bool) -> Int {
    let located = positions.enumerated().compactMap { line, other in other.map { (line: line, position: $0) } }
      .filter { isNeighbour($0.position) }
    if let previous = located.filter({ $0.position < position }).max(by: { $0.position < $1.position }) {
      return end(ofItemAt: previous.line)
    }
    if let next = located.filter({ $0.position > position }).min(by: { $0.position < $1.position }) { return next.line }
    let last = section.lines.lastIndex { if case .link = $0 { true } else { false } }
    return last.map(end) ?? section.lines.count
  }

  /// The line below a list item and its indented lines.
  private func end(ofItemAt line: Int) -> Int {
    var end = line + 1
    while end < section.lines.count, section.lines[end].isIndented { end += 1 }
    return end
  }
}

extension LLMSTextFile.Section {
  /// The size of the section in characters.
  var characters: Int {
    lines.reduce(name.count + 6) { total, line in
      switch line {
      case .link(let link): total + (link.written ?? link.rendered).count + 1
      case .text(let text): total + text.count + 1
      }
    }
  }
}
