package import Web

/// The URLs that belong to a crawl: those of the site, in the requested folder, that match the patterns.
package struct Scope: Sendable {
  package let home: NormalizedURL
  private let include: [Glob]
  private let exclude: [Glob]
  /// The path prefixes of the crawl, each with a slash at its end.
  private let folders: [String]
  /// Counts what the patterns match; nil without patterns.
  private let considered: ConsideredPaths?

  /// - Parameters:
  ///   - home: the URL of the home page, after redirects.
  ///   - asked: the requested URL, nil if it is the same. Its path limits the crawl to that folder.
  ///   - include: patterns of which a path must match one; all paths match if there are none.
  ///   - exclude: patterns that no path may match.
  package init(home: NormalizedURL, asked: NormalizedURL? = nil, include: [Glob], exclude: [Glob]) {
    self.home = home
    self.include = include
    self.exclude = exclude
    considered = include.isEmpty && exclude.isEmpty ? nil : ConsideredPaths()
    let folder = Self.folder(asked ?? home)
    let found = Self.folder(home)
    // A requested folder that redirects means the new folder, too. A requested site means the whole site, even if its
    // home page is in a folder.
    folders = found.hasPrefix(folder) ? [folder] : [folder, found]
  }

  /// The folder of a page; a URL without a file extension is a folder itself.
  static func folder(_ url: NormalizedURL) -> String {
    url.path.hasSuffix("/") || (url.segments.last ?? "").contains(".") ? url.folder : url.path + "/"
  }

  package func contains(_ url: NormalizedURL) -> Bool {
    guard url.hasSameOrigin(as: home) || url.isSameSite(as: home) else { return false }
    guard folders.contains(where: { url.path.hasPrefix($0) || url.path + "/" == $0 }) else {
      return url.pageIdentity == home.pageIdentity
    }
    if include.isEmpty, exclude.isEmpty { return true }
    if url.pageIdentity == home.pageIdentity { return true }
    if Self.looksLikePage(url) { considered?.add(url.path) }
    if exclude.contains(where: { $0.matches(url.path) }) { return false }
    return include.isEmpty || include.contains { $0.matches(url.path) }
  }

  /// How many of the pages that were found so far each pattern matches; nil without patterns.
  func filterUses() -> [Discovery.Filter]? {
    considered.map { considered in
      considered.uses(of: include, as: .include, in: folders[0])
        + considered.uses(of: exclude, as: .exclude, in: folders[0])
    }
  }

  /// Whether the patterns exclude a URL of the site.
  package func excludes(_ url: NormalizedURL) -> Bool {
    exclude.contains { $0.matches(url.path) } || !include.isEmpty && !include.contains { $0.matches(url.path) }
  }

  /// The folders of a page, relative to the folder of the crawl.
  package func folders(of url: NormalizedURL) -> FolderPath {
    let path = url.path.utf8
    let folder = folders.first { path.starts(with: $0.utf8) }
    return FolderPath(path.dropFirst(folder?.utf8.count ?? 1))
  }

  /// Whether a URL looks like the URL of a page, rather than of an image, an archive or a feed, judged by its extension.
  package static func looksLikePage(_ url: NormalizedURL) -> Bool {
    let path = url.path.utf8
    let end = path.last == UInt8(ascii: "/") ? path.dropLast() : path[...]
    let last = end.lastIndex(of: UInt8(ascii: "/")).map { end[path.index(after: $0)...] } ?? end
    guard let dot = last.lastIndex(of: UInt8(ascii: ".")), dot != last.startIndex else { return true }
    let name = last[path.index(after: dot)...]
    return name.count > longestExtension || !otherExtensions.contains(String(Substring(name)).lowercased())
  }

  /// File extensions that pages do not have. `js`, `net` and `io` are missing because `node.js`, `asp.net` and
  /// `socket.io` are subjects of pages.
  private static let otherExtensions: Set<String> = [
    // Images, audio, video, fonts.
    "png", "jpg", "jpeg", "jpe", "gif", "webp", "avif", "svg", "svgz", "ico", "bmp", "tif", "tiff", "heic", "psd", "ai",
    "eps", "mp3", "m4a", "ogg", "oga",
    "opus", "wav", "flac", "aac", "mid", "mp4", "m4v", "mov", "avi", "mkv", "webm", "wmv", "flv", "mpg", "mpeg", "ogv",
    "m3u8", "vtt", "srt", "woff",
    "woff2", "ttf", "otf", "eot",
    // Archives, programs, disk images.
    "zip", "gz", "tgz", "bz2", "xz", "zst", "br", "7z", "rar", "tar", "jar", "war", "whl", "gem", "deb", "rpm", "apk",
    "ipa", "dmg", "pkg", "msi", "exe",
    "dll", "so", "iso", "img", "bin", "crx", "xpi", "nupkg", "torrent", "asc", "sig", "sha256", "md5",
    // Documents, data, code.
    "pdf", "ps", "djvu", "epub", "mobi", "doc", "docx", "odt", "rtf", "xls", "xlsx", "ods", "ppt", "pptx", "odp", "csv",
    "tsv", "json", "jsonl", "xml", "xsl",
    "xsd", "yaml", "yml", "toml", "sql", "db", "sqlite", "ics", "vcf", "kml", "gpx", "geojson", "rss", "atom", "rdf",
    "txt", "md", "log", "css", "scss",
    "less", "map", "mjs", "wasm", "py", "ipynb", "sh", "ps1", "bat", "patch", "diff", "webmanifest", "swf", "cgm",
    "dwg", "step", "stl",
  ]
  private static let longestExtension = otherExtensions.map(\.utf8.count).max()!
}
