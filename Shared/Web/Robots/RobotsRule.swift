/// One `Allow` or `Disallow`, whose pattern may hold `*` and end in `$` (RFC 9309, section 2.2.3).
struct RobotsRule: Sendable {
  let allows: Bool
  /// The pattern between its stars, escapes spelled as ``NormalizedURL`` spells them.
  private let pieces: [[UInt8]]
  private let isAnchored: Bool
  private let length: Int

  init(pattern: ArraySlice<UInt8>, allows: Bool) {
    self.allows = allows
    var bytes = URLEncoding.encode(pattern, .query)
    length = bytes.count
    isAnchored = bytes.last == UInt8(ascii: "$")
    if isAnchored { bytes.removeLast() }
    pieces = bytes.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map { Self.literal($0) }
  }

  /// The rule that `Allow: /folder/index.html` is besides, which is meant for `/folder/`, too (as Google's parser reads
  /// it).
  static func folder(ofIndexPage pattern: ArraySlice<UInt8>) -> RobotsRule? {
    guard let slash = pattern.lastIndex(of: UInt8(ascii: "/")), pattern[(slash + 1)...].starts(with: "index.htm".utf8)
    else { return nil }
    return RobotsRule(pattern: pattern[...slash] + [UInt8(ascii: "$")], allows: true)
  }

  /// `*` and `$` as a URL's own characters: escaped, so that `%2A` in a pattern means the star (section 2.2.3).
  static func literal(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    guard bytes.contains(where: { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "$") }) else { return Array(bytes) }
    return bytes.flatMap { byte -> [UInt8] in
      switch byte {
      case UInt8(ascii: "*"): Array("%2A".utf8)
      case UInt8(ascii: "$"): Array("%24".utf8)
      default: [byte]
      }
    }
  }

  /// The pattern's length where it matches from the start of the path, a ``literal(_:)``, else nil.
  ///
  /// Each piece is sought from where the one before it ended; the first match is as good as any, so this never goes
  /// back.
  func matchLength(_ path: [UInt8]) -> Int? {
    var position = 0
    for (index, piece) in pieces.enumerated() {
      let isLast = index == pieces.count - 1
      if index == 0 {
        guard path.starts(with: piece) else { return nil }
        position = piece.count
        if isLast, isAnchored, position != path.count { return nil }
      } else if isLast, isAnchored {
        guard path.count - position >= piece.count, path[(path.count - piece.count)...].elementsEqual(piece) else {
          return nil
        }
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
