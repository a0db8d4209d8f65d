import Web

/// Detects the pages of other versions of a documentation, such as `/docs/0.14/` beside `/docs/0.15/`.
///
/// The current version is the one that the home page links to most often; of several, the one that is called `latest`,
/// `stable` or `current`, and otherwise the highest one.
struct SiteVersions: Sendable {
  /// The current version for each folder that contains versions.
  private var current: [String: String] = [:]

  static let none = SiteVersions()

  private init() {}

  /// - Parameters:
  ///   - linked: The URLs that the home page links to, repeated as often as it does.
  ///   - known: All known URLs.
  ///   - home: The home page. A version that contains it is the current one.
  init(linked: [NormalizedURL], known: [NormalizedURL], home: NormalizedURL) {
    var counts: [String: [String: Int]] = [:]
    for url in known { if let place = Self.place(of: url) { counts[place.folder, default: [:]][place.version] = 0 } }
    for url in linked {
      if let place = Self.place(of: url) { counts[place.folder, default: [:]][place.version, default: 0] += 1 }
    }
    if let place = Self.place(of: home) { counts[place.folder, default: [:]][place.version] = .max }
    for (folder, versions) in counts where versions.count > 1 {
      current[folder] =
        versions.max { a, b in (a.value, Self.rank(a.key)) < (b.value, Self.rank(b.key)) }!.key
    }
  }

  /// Whether a URL belongs to a version other than the current one.
  func isOther(_ url: NormalizedURL) -> Bool {
    guard !current.isEmpty, let place = Self.place(of: url), let version = current[place.folder] else { return false }
    return place.version != version
  }

  /// Returns the first segment of a path that names a version, and the path of the folder that contains it.
  private static func place(of url: NormalizedURL) -> (folder: String, version: String)? {
    let segments = url.segments
    // The last segment of a path without a slash at its end is a page: release notes are named by versions.
    let folders = url.path.hasSuffix("/") ? segments[...] : segments.dropLast()
    guard let index = folders.firstIndex(where: isVersion) else { return nil }
    return (segments[..<index].joined(separator: "/"), String(segments[index]))
  }

  private static let names = [
    "stable", "latest", "current", "main", "master", "next", "dev", "nightly", "edge", "beta",
  ]

  /// Whether a segment names a version: `0.14`, `v2.1`, `1.x`, `latest`.
  static func isVersion(_ segment: Substring) -> Bool {
    let name = segment.lowercased()
    if names.contains(name) { return true }
    let number = name.hasPrefix("v") ? name.dropFirst() : name[...]
    let parts = number.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count >= 2 && number.first?.isNumber ?? false
      && parts.allSatisfy { part in part == "x" || part.first?.isNumber ?? false }
  }

  /// A sort key; the version with the greatest one is the current version if no link decides.
  private static func rank(_ version: String) -> [Int] {
    if let index = names.firstIndex(of: version.lowercased()) { return index < 3 ? [.max, -index] : [-1, -index] }
    return version.split { !$0.isNumber }.map { Int($0) ?? 0 }
  }
}

private func < (a: (Int, [Int]), b: (Int, [Int])) -> Bool {
  a.0 == b.0 ? a.1.lexicographicallyPrecedes(b.1) : a.0 < b.0
}
