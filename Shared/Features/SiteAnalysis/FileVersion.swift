import Web

/// An earlier version of a site's llms.txt: a file that this program generated, or the site's file at an earlier
/// analysis.
package struct FileVersion: Sendable, Equatable, Decodable {
  package let text: String
  /// The file that this program would have written without the owner's edits; `nil` if it wrote none.
  package let base: String?

  /// The number of newest versions of each origin that are compared with a file.
  package static let maximum = 20

  package init(text: String, base: String?) {
    self.text = text
    self.base = base
  }

  /// Returns the base of the version from which a file was made by editing: of the most similar version.
  ///
  /// - Parameter versions: If two are equally similar, the first is chosen. A file that has less than half of its lines
  ///   in common with each version was not made from any of them.
  static func base(of text: String, among versions: [FileVersion]) -> String? {
    if let same = versions.first(where: { $0.text == text }) { return same.base }
    let lines = Lines(text)
    var best: (distance: Int, version: FileVersion)?
    for version in versions {
      let other = Lines(version.text)
      guard lines.isRelated(to: other) else { continue }
      let distance = lines.distance(to: other)
      if best.map({ distance < $0.distance }) ?? true { best = (distance, version) }
    }
    return best?.version.base
  }

  /// The lines of a file, to measure how similar two files are.
  private struct Lines {
    private var counts: [String: Int] = [:]
    /// The lines without the descriptions of links.
    private var names: Set<String> = []

    init(_ text: String) {
      let file = LLMSFile(text)
      for element in file.head + file.sections.flatMap(\.elements) {
        counts[file.lines[element.line - 1], default: 0] += 1
        if case .link(let link) = element.kind {
          names.insert("\(link.title) \(link.url)")
        }
      }
      for section in file.sections {
        counts["## " + section.name, default: 0] += 1
        names.insert("## " + section.name)
      }
    }

    func isRelated(to other: Lines) -> Bool {
      names.intersection(other.names).count * 2 >= min(names.count, other.names.count)
    }

    /// The number of lines that only one of two files has.
    func distance(to other: Lines) -> Int {
      let keys = Set(counts.keys).union(other.counts.keys)
      return keys.reduce(0) { $0 + abs((counts[$1] ?? 0) - (other.counts[$1] ?? 0)) }
    }
  }
}
