/// A function, initializer or subscript with a body.
struct FunctionDeclaration {
  let name: String
  let firstLine: Int
  let lastLine: Int

  var lineCount: Int { lastLine - firstLine + 1 }
}

/// A struct, class or actor, with its stored instance properties.
struct TypeDeclaration {
  struct Property: Equatable {
    let name: String
    /// The tokens of the declared type, or of the initial value if no type is declared.
    let type: [String]
  }

  let name: String
  let line: Int
  let storedProperties: [Property]
}

extension SwiftSource {
  var functions: [FunctionDeclaration] {
    tokens.indices.compactMap { index in
      let isAfterDot = index > 0 && tokens[index - 1].text == "."
      guard !isAfterDot, let next = text(index + 1) else { return nil }
      switch tokens[index].text {
      case "func": break
      case "init" where ["(", "<", "?"].contains(next): break
      case "subscript" where ["(", "<"].contains(next): break
      default: return nil
      }
      guard let body = openingBrace(after: index) else { return nil }
      let name = tokens[index].text == "func" ? next : tokens[index].text
      return FunctionDeclaration(
        name: name, firstLine: tokens[index].line, lastLine: tokens[closingBrace(of: body)].line)
    }
  }

  var types: [TypeDeclaration] {
    tokens.indices.compactMap { index in
      guard ["struct", "class", "actor"].contains(tokens[index].text), let name = text(index + 1),
        name.first?.isUppercase == true, let body = openingBrace(after: index)
      else { return nil }
      return TypeDeclaration(name: name, line: tokens[index].line, storedProperties: storedProperties(of: body))
    }
  }

  /// The names of type aliases for function types.
  var closureAliases: [String] {
    tokens.indices.compactMap { index in
      guard tokens[index].text == "typealias", let name = text(index + 1),
        let value = tokens[index...].firstIndex(where: { $0.text == "=" })
      else { return nil }
      return Self.isClosure(typeTokens(from: value + 1).tokens) ? name : nil
    }
  }

  static func isClosure(_ type: [String]) -> Bool {
    type.first != "[" && zip(type, type.dropFirst()).contains { $0 == "-" && $1 == ">" }
  }

  private func text(_ index: Int) -> String? { index < tokens.count ? tokens[index].text : nil }

  /// The opening brace of the declaration's body, or nil if it has none, such as a requirement of a protocol.
  private func openingBrace(after start: Int) -> Int? {
    let otherDeclarations: Set = ["func", "init", "subscript", "var", "let", "case", "static", "mutating", "package"]
    var depth = 0
    for index in (start + 1)..<tokens.count {
      switch tokens[index].text {
      case "(", "[": depth += 1
      case ")", "]": depth -= 1
      case "{" where depth == 0: return index
      case "}" where depth == 0: return nil
      case let other where depth == 0 && index > start + 1 && otherDeclarations.contains(other): return nil
      default: break
      }
    }
    return nil
  }

  private func closingBrace(of start: Int) -> Int {
    var depth = 0
    for index in start..<tokens.count {
      if tokens[index].text == "{" { depth += 1 }
      if tokens[index].text == "}" { depth -= 1 }
      if depth == 0 { return index }
    }
    return tokens.count - 1
  }

  private func storedProperties(of body: Int) -> [TypeDeclaration.Property] {
    var properties: [TypeDeclaration.Property] = []
    var depth = 0
    for index in body...closingBrace(of: body) {
      switch tokens[index].text {
      case "{", "(", "[": depth += 1
      case "}", ")", "]": depth -= 1
      case "let" where depth == 1, "var" where depth == 1:
        if let property = storedProperty(at: index) { properties.append(property) }
      default: break
      }
    }
    return properties
  }

  private func storedProperty(at index: Int) -> TypeDeclaration.Property? {
    let modifiers = tokens[..<index].reversed().prefix { $0.line == tokens[index].line }
    guard !modifiers.contains(where: { $0.text == "static" }), let name = text(index + 1) else { return nil }
    let (type, end) = typeTokens(from: index + 3)
    // A block after the type is a getter, unless it observes changes.
    if text(index + 2) == ":", text(end) == "{", !["didSet", "willSet"].contains(text(end + 1)) { return nil }
    return .init(name: name, type: type)
  }

  /// Reads a type, which ends at `=`, `{`, `}` or the end of the line.
  private func typeTokens(from start: Int) -> (tokens: [String], end: Int) {
    var type: [String] = []
    var depth = 0
    var index = start
    while index < tokens.count {
      let text = tokens[index].text
      if depth == 0 {
        if ["=", "{", "}"].contains(text) { break }
        let isContinued = [":", ">", "&", "Sendable", "any", "="].contains(tokens[index - 1].text)
        if index > start, tokens[index].line > tokens[index - 1].line, !(isContinued && text != "let" && text != "var")
        {
          break
        }
      }
      if ["(", "["].contains(text) { depth += 1 }
      if [")", "]"].contains(text) { depth -= 1 }
      type.append(text)
      index += 1
    }
    return (type, index)
  }
}
