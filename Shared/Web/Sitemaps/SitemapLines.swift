/// A sitemap of one URL a line, in any piece of which a line may end.
final class SitemapLines {
  /// Whether a URL was found, which makes it a sitemap; anything else before the first makes it none.
  private(set) var isSitemap = false
  private(set) var isDone = false
  /// A line whose end has not come.
  private var held: [UInt8] = []

  /// A line longer than any URL is passed over.
  private static let maximumLine = 4096

  func read(_ piece: ArraySlice<UInt8>) -> [Sitemap.Entry] {
    var entries: [Sitemap.Entry] = []
    var start = piece.startIndex
    for index in piece.indices where piece[index] == 0x0a || piece[index] == 0x0d {
      if held.isEmpty {
        take(piece[start..<index], &entries)
      } else {
        hold(piece[start..<index])
        take(held[...], &entries)
        held.removeAll(keepingCapacity: true)
      }
      start = index + 1
      if isDone { return [] }
    }
    hold(piece[start...])
    return entries
  }

  func finish() -> [Sitemap.Entry] {
    var entries: [Sitemap.Entry] = []
    take(held[...], &entries)
    return entries
  }

  private func hold(_ bytes: ArraySlice<UInt8>) {
    held += bytes.prefix(Self.maximumLine + 1 - held.count)
  }

  private func take(_ line: ArraySlice<UInt8>, _ entries: inout [Sitemap.Entry]) {
    guard let location = SitemapText.line(line) else { return }
    if location.utf8.count <= Self.maximumLine, location.hasPrefix("http://") || location.hasPrefix("https://") {
      isSitemap = true
      entries.append(Sitemap.Entry(location: location, lastModified: nil))
    } else if !isSitemap {
      isDone = true
    }
  }
}
