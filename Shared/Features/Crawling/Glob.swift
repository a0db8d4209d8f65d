import Contract

/// A pattern for paths: `*` matches any characters within a segment, `**` any characters, `?` one character.
///
/// A pattern without a slash at its start may match anywhere in a path. One that names a folder (`/docs/`, `/docs/**`)
/// matches everything in the folder and the folder's own page. Characters may be percent-encoded or not, in the pattern as
/// in the path.
package struct Glob: Sendable, Hashable {
  package let pattern: String
  private let tokens: [Token]
  private let namesFolder: Bool

  private enum Token: Hashable {
    case scalar(Unicode.Scalar)
    case one, segment, anything
  }

  package init(_ pattern: String) {
    self.pattern = pattern
    var tokens: [Token] = pattern.hasPrefix("/") ? [] : [.anything]
    var rest = pattern[...]
    while let next = rest.firstIndex(where: { $0 == "*" || $0 == "?" }) {
      tokens += Self.plain(rest[..<next])
      rest = rest[next...]
      let isAnything = rest.hasPrefix("**")
      tokens.append(rest.first == "?" ? .one : isAnything ? .anything : .segment)
      rest = rest.dropFirst(isAnything ? 2 : 1)
    }
    tokens += Self.plain(rest)
    if pattern.hasSuffix("/") { tokens.append(.anything) }
    self.tokens = tokens
    namesFolder = pattern.hasSuffix("/") || pattern.hasSuffix("/**")
  }

  package func matches(_ path: String) -> Bool {
    let scalars = Self.decoded(path[...])
    return matches(scalars) || namesFolder && matches(scalars + ["/"])
  }

  private func matches(_ path: [Unicode.Scalar]) -> Bool {
    // A nondeterministic automaton: the time is linear in the length of the path for any pattern.
    var states = closure([0])
    for scalar in path {
      var next: Set<Int> = []
      for state in states where state < tokens.count {
        switch tokens[state] {
        case .scalar(let expected): if scalar == expected { next.insert(state + 1) }
        case .one: if scalar != "/" { next.insert(state + 1) }
        case .segment: if scalar != "/" { next.insert(state) }
        case .anything: next.insert(state)
        }
      }
      states = closure(next)
      if states.isEmpty { return false }
    }
    return states.contains(tokens.count)
  }

  private static func plain(_ text: Substring) -> [Token] { decoded(text).map(Token.scalar) }

  /// The characters of a path, percent-decoded. An escaped slash stays escaped, because it does not separate segments.
  private static func decoded(_ text: Substring) -> [Unicode.Scalar] {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return Array(text.unicodeScalars) }
    return Array(text.percentDecoded(except: UInt8(ascii: "/")).unicodeScalars)
  }

  /// Adds the states that are reached without a character, because `*` and `**` match nothing, too.
  private func closure(_ states: Set<Int>) -> Set<Int> {
    var all = states
    for state in states {
      var state = state
      while state < tokens.count, tokens[state] == .segment || tokens[state] == .anything {
        state += 1
        all.insert(state)
      }
    }
    return all
  }
}
