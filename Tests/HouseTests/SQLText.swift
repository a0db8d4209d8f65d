/// The tables that an SQL text names: a literal in Swift, or a migration.
///
/// It expects keywords in capitals and names in lower case. Names of common table expressions are not reported.
struct SQLText {
  private let tokens: [String]

  init(_ text: String) { tokens = Self.tokens(of: text) }

  /// The names of tables, in the order of their first use. An interpolated name is `?`.
  var tables: [String] {
    let expressions = commonTableExpressions
    var names: [String] = []
    for name in references where !expressions.contains(name) && !names.contains(name) { names.append(name) }
    return names
  }

  private func token(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index] : "" }

  private static func isName(_ token: String) -> Bool {
    guard let first = token.utf8.first else { return false }
    return first == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first)
  }

  private func skippingModifiers(from start: Int) -> Int {
    let modifiers: Set = ["ONLY", "LATERAL", "IF", "NOT", "EXISTS"]
    return (start...).first { !modifiers.contains(token($0)) } ?? start
  }

  /// The names before `AS (` or `(columns) AS (` in a WITH clause.
  private var commonTableExpressions: Set<String> {
    var names: Set<String> = []
    for index in tokens.indices
    where Self.isName(tokens[index]) && ["WITH", "RECURSIVE", ","].contains(token(index - 1)) {
      var next = index + 1
      if token(next) == "(" { next = indexAfterParentheses(from: next) }
      guard token(next) == "AS" else { continue }
      next += 1
      while ["NOT", "MATERIALIZED"].contains(token(next)) { next += 1 }
      if token(next) == "(" { names.insert(tokens[index]) }
    }
    return names
  }

  private func indexAfterParentheses(from start: Int) -> Int {
    var depth = 0
    for index in start..<tokens.count {
      if tokens[index] == "(" { depth += 1 }
      if tokens[index] == ")" { depth -= 1 }
      if depth == 0 { return index + 1 }
    }
    return tokens.count
  }

  private var references: [String] {
    // FROM also separates the arguments of these functions.
    let functionsWithFrom: Set = ["extract", "trim", "substring", "overlay"]
    var names: [String] = []
    var callers: [String] = []
    var isIndex = false
    for index in tokens.indices {
      switch tokens[index] {
      case ";": isIndex = false
      case "(": callers.append(token(index - 1))
      case ")": _ = callers.popLast()
      case "INDEX": isIndex = true
      case "ON" where isIndex: names.append(token(index + 1))
      case "FROM" where token(index - 1) == "DISTINCT" || functionsWithFrom.contains(callers.last ?? ""): break
      case "FROM", "JOIN", "USING": names += list(from: index + 1)
      case "UPDATE" where ["FOR", "KEY", "DO", "ON"].contains(token(index - 1)): break
      case "INTO", "UPDATE", "TABLE", "TRUNCATE", "REFERENCES":
        let name = token(skippingModifiers(from: index + 1))
        // Every table of an account refers to the table of accounts.
        if !(tokens[index] == "REFERENCES" && name == "accounts") { names.append(name) }
      default: break
      }
    }
    return names.filter { Self.isName($0) || $0 == "?" }
  }

  /// The tables in a list such as `a, b AS c, LATERAL unnest(d)`.
  private func list(from start: Int) -> [String] {
    var names: [String] = []
    var index = start
    while true {
      index = skippingModifiers(from: index)
      if token(index) == "?" || Self.isName(token(index)) && token(index + 1) != "(" { names.append(token(index)) }
      if token(index) != "(" { index += 1 }
      if token(index) == "(" { index = indexAfterParentheses(from: index) }
      if token(index) == "AS" { index += 1 }
      if Self.isName(token(index)) { index += 1 }
      if token(index) == "(" { index = indexAfterParentheses(from: index) }
      guard token(index) == "," else { return names }
      index += 1
    }
  }

  /// Words, qualified names and punctuation. A string is the token `'`; comments are dropped.
  private static func tokens(of text: String) -> [String] {
    var tokens: [String] = []
    var rest = text[...]
    while let first = rest.first {
      if first == "'" {
        rest = rest.dropFirst().drop { $0 != "'" }.dropFirst()
        tokens.append("'")
      } else if rest.hasPrefix("--") {
        rest = rest.drop { $0 != "\n" }
      } else if isWord(first) {
        let word = rest.prefix(while: isWord)
        tokens.append(String(word))
        rest = rest.dropFirst(word.count)
      } else {
        if !first.isWhitespace, first != "\"" { tokens.append(String(first)) }
        rest = rest.dropFirst()
      }
    }
    return tokens
  }

  private static func isWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_" || character == "."
  }
}
