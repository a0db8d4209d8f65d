/// One `Allow` or `Disallow`, whose pattern may hold `*` and end in `$` (RFC 9309, section 2.2.3).
struct RobotsRule: Sendable {
  let allows: Bool
  /// The pattern between its stars, escapes spelled as ``NormalizedURL`` spells them.
  private let pieces: [[UInt8]]
  private let isAnchored: Bool
  private let length: Int

  init(pattern: ArraySlice<UInt8>, allows: Bool) {
    self.allows = allows
    var bytes = URLEncoding.encode(pattern) { $0 > 0x20 && $0 < 0x7f }
    // `Allow: /folder/index.html` is meant for the folder, too (Google's reference).
    if allows, let slash = bytes.lastIndex(of: UInt8(ascii: "/")), bytes[(slash + 1)...].starts(with: "index.htm".utf8),
      bytes.count - slash <= 11
    {
      bytes = bytes[...slash] + [UInt8(ascii: "$")]
    }
    length = bytes.count
    isAnchored = bytes.last == UInt8(ascii: "$")
    if isAnchored { bytes.removeLast() }
    pieces = bytes.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(Array.init)
  }

  /// The pattern's length where it matches from the path's start, else nil.
  ///
  /// Each piece is sought from where the one before it ended; the first match is as good as any, so this never goes back.
  func matchLength(_ path: [UInt8]) -> Int? {
    var position = 0
    for (index, piece) in pieces.enumerated() {
      let isLast = index == pieces.count - 1
      if index == 0 {
        guard path.starts(with: piece) else { return nil }
        position = piece.count
        if isLast, isAnchored, position != path.count { return nil }
      } else if isLast, isAnchored {
        guard path.count - position >= piece.count, path[(path.count - piece.count)...].elementsEqual(piece) else { return nil }
        position = path.count
      } else {
        guard let found = Self.find(piece, in: path, from: position) else { return nil }
        position = found + piece.count
      }
    }
    return length
  }

  private static func find(_ piece: [UInt8], in path: [UInt8], from start: Int) -> Int? {
    if piece.isEmpty { return start }
    guard path.count - start >= piece.count else { return nil }
    for index in start...(path.count - piece.count) where path[index] == piece[0] {
      if path[index..<(index + piece.count)].elementsEqual(piece) { return index }
    }
    return nil
  }
}
