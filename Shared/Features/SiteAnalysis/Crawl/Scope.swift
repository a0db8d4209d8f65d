import Web

/// Which URLs belong to the site that was asked for.
struct Scope: Sendable {
  let home: NormalizedURL
  private let include: [Glob]
  private let exclude: [Glob]
  /// The paths that all pages lie under, each with a slash at its end.
  private let folders: [String]

  /// - Parameters:
  ///   - home: where the URL that was asked for led.
  ///   - asked: that URL; a path in it narrows the site to what lies under it. Nil where it is the same.
  init(home: NormalizedURL, asked: NormalizedURL? = nil, include: [Glob], exclude: [Glob]) {
    self.home = home
    self.include = include
    self.exclude = exclude
    let folder = Self.folder(asked ?? home)
    let found = Self.folder(home)
    // Who asks for a folder that has moved means the place that it moved to; who asks for a site means all of it,
    // wherever its front page lies.
    folders = found.hasPrefix(folder) ? [folder] : [folder, found]
  }

  private static func folder(_ url: NormalizedURL) -> String {
    url.path.hasSuffix("/") || (url.segments.last ?? "").contains(".") ? url.folder : url.path + "/"
  }

  func contains(_ url: NormalizedURL) -> Bool {
    guard url.hasSameOrigin(as: home) || url.isSameSite(as: home) else { return false }
    guard folders.contains(where: { url.path.hasPrefix($0) || url.path + "/" == $0 }) else {
      return url.pageIdentity == home.pageIdentity
    }
    if include.isEmpty, exclude.isEmpty { return true }
    if url.pageIdentity == home.pageIdentity { return true }
    if exclude.contains(where: { $0.matches(url.path) }) { return false }
    return include.isEmpty || include.contains { $0.matches(url.path) }
  }

  /// The folders that a page lies in below the site's.
  func place(of url: NormalizedURL) -> FolderPath {
    let path = url.path.utf8
    let folder = folders.first { path.starts(with: $0.utf8) }
    return FolderPath(path.dropFirst(folder?.utf8.count ?? 1))
  }

  /// Whether a URL looks as if it led to a page: not to an image, an archive or a feed. What it is not known by its
  /// name, its media type tells.
  static func looksLikePage(_ url: NormalizedURL) -> Bool {
    let path = url.path.utf8
    let end = path.last == UInt8(ascii: "/") ? path.dropLast() : path[...]
    let last = end.lastIndex(of: UInt8(ascii: "/")).map { end[path.index(after: $0)...] } ?? end
    guard let dot = last.lastIndex(of: UInt8(ascii: ".")), dot != last.startIndex else { return true }
    let name = last[path.index(after: dot)...]
    return name.count > longestExtension || !otherExtensions.contains(String(Substring(name)).lowercased())
  }

  /// Names that end so are hardly ever those of pages. `node.js`, `asp.net` and `socket.io` are subjects, and no
  /// scripts and domains.
  private static let otherExtensions: Set<String> = [
    // Pictures, sound, film, fonts.
    "png", "jpg", "jpeg", "jpe", "gif", "webp", "avif", "svg", "svgz", "ico", "bmp", "tif", "tiff", "heic", "psd", "ai",
    "eps", "mp3", "m4a", "ogg", "oga",
    "opus", "wav", "flac", "aac", "mid", "mp4", "m4v", "mov", "avi", "mkv", "webm", "wmv", "flv", "mpg", "mpeg", "ogv",
    "m3u8", "vtt", "srt", "woff",
    "woff2", "ttf", "otf", "eot",
    // Archives, programs, images of disks.
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
