import Synchronization

/// The paths of the pages to which the patterns of a request were applied, to count what each pattern matches.
final class ConsideredPaths: Sendable {
  /// Limits the memory for sitemaps with millions of pages.
  private static let maximum = 20_000

  private let paths = Mutex<Set<String>>([])

  func add(_ path: String) {
    paths.withLock { paths in
      if paths.count < Self.maximum { paths.insert(path) }
    }
  }

  /// The number of paths that each pattern matches.
  ///
  /// - Parameter folder: the folder of the crawl, with a slash at its end.
  func uses(
    of patterns: [Glob], as option: Discovery.Filter.Option, in folder: String
  ) -> [Discovery.Filter] {
    let paths = paths.withLock(\.self)
    return patterns.map { glob in
      let matched = paths.count { glob.matches($0) }
      return Discovery.Filter(
        option: option, pattern: glob.pattern, matched: matched, of: paths.count,
        nearest: matched > 0 ? nil : Self.nearest(to: glob.pattern, in: paths, below: folder))
    }
  }

  /// The folder with the most similar name, or else the one with the most pages.
  private static func nearest(
    to pattern: String, in paths: Set<String>, below folder: String
  ) -> Discovery.Folder? {
    var folders: [String: Int] = [:]
    for path in paths where path.hasPrefix(folder) {
      var end = path.index(path.startIndex, offsetBy: folder.count - 1)
      for _ in 0..<3 {
        guard let slash = path[path.index(after: end)...].firstIndex(of: "/") else { break }
        folders[String(path[...slash]), default: 0] += 1
        end = slash
      }
    }
    let wanted = name(of: pattern)
    func distance(_ folder: String) -> Int {
      let name = name(of: folder)
      if !wanted.isEmpty, name.hasPrefix(wanted) || wanted.hasPrefix(name) { return 0 }
      return name.editDistance(to: wanted)
    }
    let sorted = folders.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let similar = sorted.filter { distance($0.key) <= max(1, wanted.count / 3) }
    let best = similar.min { distance($0.key) < distance($1.key) } ?? sorted.first
    return best.map { Discovery.Folder(path: $0.key, pages: $0.value) }
  }

  /// The last segment without wildcards, in lower case.
  private static func name(of text: String) -> String {
    text.split { "/*?".contains($0) }.last?.lowercased() ?? ""
  }
}

extension StringProtocol {
  /// The number of characters to insert, delete or replace to get the other text (Levenshtein distance).
  package func editDistance(to other: some StringProtocol) -> Int {
    let other = Array(other)
    var row = Array(0...other.count)
    for (line, character) in enumerated() {
      var diagonal = row[0]
      row[0] = line + 1
      for column in other.indices {
        let replaced = diagonal + (other[column] == character ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = Swift.min(replaced, diagonal + 1, row[column] + 1)
      }
    }
    return row[other.count]
  }
}
