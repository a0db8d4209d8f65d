import Contract

/// A pattern for paths: `*` matches any characters within a segment, `**` any characters, `?` one character.
///
/// A pattern names pages or folders, and a folder includes everything in it: `/docs`, `/docs/`, `/docs/*` and
/// `/docs/**` are the same. A pattern without a slash at its start matches at any depth: `blog` matches `/blog/` and
/// `/en/blog/2024/post`. Of a whole URL, only the path counts. Characters may be percent-encoded or not, in the pattern
/// as in the path.
package struct Glob: Sendable, Hashable {
  package let pattern: String
  private let tokens: [Token]

  private enum Token: Hashable {
    case scalar(Unicode.Scalar)
    case one, segment, anything
  }

  package init(_ pattern: String) {
    self.pattern = pattern
    var text = pattern[...]
    if let scheme = text.firstRange(of: "://") {
      let rest = text[scheme.upperBound...]
      text = rest[(rest.firstIndex(of: "/") ?? rest.endIndex)...]
    }
    while text.hasPrefix("/**/") { text = text.dropFirst(4) }
    while text.hasPrefix("**/") { text = text.dropFirst(3) }
    // The path of a folder is matched without its slash.
    while text.hasSuffix("/") || text.hasSuffix("/*") || text.hasSuffix("/**") || text.allSatisfy({ $0 == "*" }),
      !text.isEmpty
    {
      text = text.dropLast()
    }
    var tokens: [Token] = text.isEmpty || text.hasPrefix("/") ? [] : [.anything, .scalar("/")]
    while let next = text.firstIndex(where: { $0 == "*" || $0 == "?" }) {
      tokens += Self.plain(text[..<next])
      text = text[next...]
      let isAnything = text.hasPrefix("**")
      tokens.append(text.first == "?" ? .one : isAnything ? .anything : .segment)
      text = text.dropFirst(isAnything ? 2 : 1)
    }
    self.tokens = tokens + Self.plain(text)
  }

  package func matches(_ path: String) -> Bool {
    // A nondeterministic automaton: the time is linear in the length of the path for any pattern.
    var states = closure([0])
    for scalar in Self.decoded(path[...]) {
      // The pattern names a folder of the path.
      if scalar == "/", states.contains(tokens.count) { return true }
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
