/// One `Allow` or `Disallow` rule. The pattern may contain `*` and end in `$` (RFC 9309, section 2.2.3).
struct RobotsRule: Sendable {
  let allows: Bool
  /// The parts of the pattern between the stars, with escapes normalized as in ``NormalizedURL``.
  private let pieces: [[UInt8]]
  private let isAnchored: Bool
  private let length: Int

  init(pattern: ArraySlice<UInt8>, allows: Bool) {
    self.allows = allows
    var bytes = URLEncoding.encode(pattern, .query)
    length = bytes.count
    isAnchored = bytes.last == UInt8(ascii: "$")
    if isAnchored { bytes.removeLast() }
    pieces = bytes.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map {
      Self.escapingWildcards($0)
    }
  }

  /// The additional rule for an index page: `Allow: /folder/index.html` also allows `/folder/`, as in Google's parser.
  /// nil if the pattern is not an index page.
  static func folder(ofIndexPage pattern: ArraySlice<UInt8>) -> RobotsRule? {
    guard let slash = pattern.lastIndex(of: UInt8(ascii: "/")), pattern[(slash + 1)...].starts(with: "index.htm".utf8)
    else { return nil }
    return RobotsRule(pattern: pattern[...slash] + [UInt8(ascii: "$")], allows: true)
  }

  /// Escapes `*` and `$` that are part of a URL, so that `%2A` in a pattern matches a literal star (section 2.2.3).
  static func escapingWildcards(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    guard bytes.contains(where: { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "$") }) else { return Array(bytes) }
    return bytes.flatMap { byte -> [UInt8] in
      switch byte {
      case UInt8(ascii: "*"): Array("%2A".utf8)
      case UInt8(ascii: "$"): Array("%24".utf8)
      default: [byte]
      }
    }
  }

  /// The length of the pattern if it matches from the start of the path, else nil. Wildcards in the path must be
  /// escaped with ``escapingWildcards(_:)``.
  ///
  /// Each piece is searched after the end of the one before. The first match is always sufficient, so there is no
  /// backtracking.
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
