/// A pattern over paths: `*` stands for anything within a segment, `**` for anything at all, `?` for one character.
///
/// A pattern without a slash at its start may match anywhere; one that names a folder (`/docs/`) holds for all under it.
package struct Glob: Sendable, Hashable {
  package let pattern: String
  private let tokens: [Token]

  private enum Token: Hashable { case byte(UInt8), one, segment, anything }

  package init(_ pattern: String) {
    self.pattern = pattern
    var tokens: [Token] = pattern.hasPrefix("/") ? [] : [.anything]
    var bytes = Array(pattern.utf8)[...]
    while let byte = bytes.popFirst() {
      switch byte {
      case UInt8(ascii: "*") where bytes.first == UInt8(ascii: "*"):
        bytes.removeFirst()
        tokens.append(.anything)
      case UInt8(ascii: "*"): tokens.append(.segment)
      case UInt8(ascii: "?"): tokens.append(.one)
      default: tokens.append(.byte(byte))
      }
    }
    if pattern.hasSuffix("/") { tokens.append(.anything) }
    self.tokens = tokens
  }

  package func matches(_ path: String) -> Bool {
    // The states that the pattern may be in after each byte: linear in the path, whatever the pattern.
    var states = closure([0])
    for byte in path.utf8 {
      var next: Set<Int> = []
      for state in states where state < tokens.count {
        switch tokens[state] {
        case .byte(let expected): if byte == expected { next.insert(state + 1) }
        case .one: if byte != UInt8(ascii: "/") { next.insert(state + 1) }
        case .segment: if byte != UInt8(ascii: "/") { next.insert(state) }
        case .anything: next.insert(state)
        }
      }
      states = closure(next)
      if states.isEmpty { return false }
    }
    return states.contains(tokens.count)
  }

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
