/// Parses a plain-text sitemap with one URL per line. A line may be split between pieces.
final class SitemapLines {
  /// True once a URL was found. If another text comes before the first URL, the file is not a sitemap.
  private(set) var isSitemap = false
  private(set) var isDone = false
  /// The start of a line whose end has not arrived yet.
  private var partialLine: [UInt8] = []

  /// Longer lines are skipped.
  private static let maximumLine = 4096

  func parse(_ piece: ArraySlice<UInt8>) -> [Sitemap.Entry] {
    var entries: [Sitemap.Entry] = []
    var start = piece.startIndex
    for index in piece.indices where piece[index] == 0x0a || piece[index] == 0x0d {
      if partialLine.isEmpty {
        parseLine(piece[start..<index], &entries)
      } else {
        appendToPartialLine(piece[start..<index])
        parseLine(partialLine[...], &entries)
        partialLine.removeAll(keepingCapacity: true)
      }
      start = index + 1
      if isDone { return [] }
    }
    appendToPartialLine(piece[start...])
    return entries
  }

  func finish() -> [Sitemap.Entry] {
    var entries: [Sitemap.Entry] = []
    parseLine(partialLine[...], &entries)
    return entries
  }

  private func appendToPartialLine(_ bytes: ArraySlice<UInt8>) {
    partialLine += bytes.prefix(Self.maximumLine + 1 - partialLine.count)
  }

  private func parseLine(_ line: ArraySlice<UInt8>, _ entries: inout [Sitemap.Entry]) {
    guard let location = SitemapText.line(line) else { return }
    if location.utf8.count <= Self.maximumLine, location.hasPrefix("http://") || location.hasPrefix("https://") {
      isSitemap = true
      entries.append(Sitemap.Entry(location: location, lastModified: nil))
    } else if !isSitemap {
      isDone = true
    }
  }
}
