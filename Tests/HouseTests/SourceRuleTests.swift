import Support
import Testing

/// Limits and forbidden constructs of the sources, and a check of each rule on code that violates it.
struct SourceRuleTests {
  /// All code of the product. The generated file is not written by hand.
  private static let product = Result {
    try ["Shared", "LocalRunner", "Functions"].flatMap(SwiftSource.all).filter { !$0.path.hasSuffix("+Learned.swift") }
  }

  private static let tests = Result { try SwiftSource.all(below: "Tests") }

  private func expectNone(_ violations: [String]) {
    #expect(violations.isEmpty, "\(violations.joined(separator: "\n"))")
  }

  // MARK: Length

  @Test func filesHaveAtMost400Lines() throws {
    try expectNone(Self.longFiles(Self.product.get() + Self.tests.get()))
    let text = String(repeating: "\n", count: 401)
    #expect(Self.longFiles([SwiftSource("a.swift", text)]) == ["a.swift has 401 lines"])
  }

  private static func longFiles(_ sources: [SwiftSource]) -> [String] {
    sources.filter { $0.lineCount > 400 }.map { "\($0.path) has \($0.lineCount) lines" }
  }

  @Test func mainFilesHaveAtMost30Lines() throws {
    let functions = try SwiftSource.all(below: "Functions")
    #expect(functions.count == 5)
    for main in functions { #expect(main.lineCount <= 30, "\(main.path)") }
  }

  @Test func functionsHaveAtMost60Lines() throws {
    try expectNone(Self.longFunctions(Self.product.get() + Self.tests.get()))
  }

  @Test func longFunctionIsReported() {
    let body = String(repeating: "  print(\"}\") // }\n", count: 59)
    let source = SwiftSource(
      "a.swift",
      """
      protocol P {
        func required() -> Int
      }
      func short() { _ = text.contains(/"{/) }
      init() {
      \(body)}
      func f(
        g: () -> Void = {}
      ) {
      \(body)}
      """)
    #expect(Self.longFunctions([source]) == ["a.swift:66: f has 63 lines", "a.swift:5: init has 61 lines"].sorted())
  }

  private static func longFunctions(_ sources: [SwiftSource]) -> [String] {
    sources.flatMap { source in
      source.functions.filter { $0.lineCount > 60 }
        .map { "\(source.path):\($0.firstLine): \($0.name) has \($0.lineCount) lines" }
    }.sorted()
  }

  // MARK: Clients

  @Test("No type stores more than six clients and closures")
  func typesStoreAtMostSixClients() throws { try expectNone(Self.typesWithManyClients(Self.product.get())) }

  @Test func typeWithManyClientsIsReported() {
    let source = SwiftSource(
      "a.swift",
      """
      typealias Send = (Int) -> Void
      struct Client { let database: Database }
      struct Service {
        static let shared: Database? = nil
        let a: Database
        let b: Fetcher?
        let c: @Sendable (Int) throws -> Void
        var d: Send
        let e: (_ name: String) -> Int
        private let f = Client(database: x)
        var g: any Fetcher { didSet { f() } }
        var computed: Database { a }
        let list: [Database]
        func f() { let local: Database = a }
      }
      """)
    #expect(Self.typesWithManyClients([source]) == ["a.swift:3: Service stores a, b, c, d, e, f, g"])
  }

  /// A client is a connection to the outside, or a type that stores a client or a closure.
  private static func typesWithManyClients(_ sources: [SwiftSource]) -> [String] {
    let types = sources.flatMap { source in source.types.map { (path: source.path, type: $0) } }
    let aliases = Set(sources.flatMap(\.closureAliases))
    var clients: Set<String> = ["Connection", "Database", "Fetcher", "Invoker"]
    func isClient(_ property: TypeDeclaration.Property) -> Bool {
      let name = property.type.first { !["@", "Sendable", "any", "some", "("].contains($0) } ?? ""
      return SwiftSource.isClosure(property.type) || aliases.contains(name) || clients.contains(name)
    }
    var count = 0
    repeat {
      count = clients.count
      for (_, type) in types where type.storedProperties.contains(where: isClient) { clients.insert(type.name) }
    } while clients.count > count
    return types.compactMap { path, type in
      let stored = type.storedProperties.filter(isClient).map(\.name)
      return stored.count > 6
        ? "\(path):\(type.line): \(type.name) stores \(stored.joined(separator: ", "))" : nil
    }
  }

  // MARK: Types

  @Test("Rows of a query are decoded by name, not by position")
  func rowsAreDecodedByName() throws {
    try expectNone(Self.positionalRows(Self.product.get() + Self.tests.get()))
    let source = SwiftSource(
      "a.swift",
      """
      let rows = try database.rows(query, as: Int.self, by: deadline)[0]
      print(row.0, rows.count, 1.5) // row.0
      print(rows[0].1)
      print(rows.map { $0.1 })
      let names = try transaction.rows(query, as: Pair.self).filter({ name($0.0) })
      print(other.map { $0.1 })
      """)
    #expect(Self.positionalRows([source]) == [2, 3, 4, 5].map { "a.swift:\($0): decode rows into a struct" })
  }

  /// Finds `row.0`, `rows[0].0`, `rows.map { $0.0 }`, and the same after a call of `rows(…)`.
  private static func positionalRows(_ sources: [SwiftSource]) -> [String] {
    sources.flatMap { source in
      source.tokens.indices.filter { source.isPositionalAccess(at: $0) }
        .map { "\(source.path):\(source.tokens[$0].line): decode rows into a struct" }
    }
  }

  @Test("Requests in Contract and Access have types: the code has no `any Sendable`, except in `userInfo` of decoders")
  func requestsAreTyped() throws {
    let sources = try SwiftSource.all(below: "Shared/Contract") + SwiftSource.all(below: "Shared/Features/Access")
    expectNone(Self.untypedValues(sources))
    let source = SwiftSource(
      "a.swift", "let request: any Sendable\nlet context: [CodingUserInfoKey: any Sendable]")
    #expect(Self.untypedValues([source]) == ["a.swift:1: any Sendable"])
  }

  private static func untypedValues(_ sources: [SwiftSource]) -> [String] {
    sources.flatMap { source in
      let contexts = source.lines(of: ["CodingUserInfoKey", ":", "any", "Sendable"])
      return source.lines(of: ["any", "Sendable"]).filter { !contexts.contains($0) }
        .map { "\(source.path):\($0): any Sendable" }
    }
  }

  /// Foundation loads ICU, which makes every start some milliseconds slower.
  @Test func nothingImportsFoundation() throws {
    let sources = try Self.product.get() + Self.tests.get()
    expectNone(Self.imports(of: "Foundation", sources))
    let source = SwiftSource("a.swift", "// import Foundation\nimport FoundationEssentials\nprivate import Foundation")
    #expect(Self.imports(of: "Foundation", [source]) == ["a.swift:3: import Foundation"])
  }

  private static func imports(of module: String, _ sources: [SwiftSource]) -> [String] {
    sources.flatMap { source in
      source.lines(of: ["import", module]).map { "\(source.path):\($0): import \(module)" }
    }
  }

  // MARK: Words

  /// The format llms.txt may be named: it is public, and `Web` parses it. The words of plans and prices may not.
  @Test("Code in Shared outside of Features names no plan of the product")
  func librariesNameNoPlan() throws {
    let libraries = try Products.files(below: "Shared", extension: ".swift")
      .filter { !$0.hasPrefix("Shared/Features/") }
    for path in libraries { try expectNone(Self.planWords(path, Products.text(of: path))) }
    #expect(Self.planWords("Shared/Web/a.swift", "// Coffee") == ["Shared/Web/a.swift contains \"coffee\""])
    #expect(Self.planWords("Shared/Web/a.swift", "let subscription") != [])
    #expect(Self.planWords("Shared/Stripe/a.swift", "let subscription") == [])
  }

  private static func planWords(_ path: String, _ text: String) -> [String] {
    // Subscriptions are objects of Stripe.
    let words = ["coffee", "growth plan"] + (path.hasPrefix("Shared/Stripe/") ? [] : ["subscription"])
    return words.filter(text.lowercased().contains).map { "\(path) contains \"\($0)\"" }
  }
}

extension SwiftSource {
  /// Whether the token is the name of a row or of rows, and a member with a number follows.
  fileprivate func isPositionalAccess(at index: Int) -> Bool {
    guard ["row", "rows"].contains(tokens[index].text) else { return false }
    let rest = tokens[(index + 1)...]
    let access = Self.droppingGroup("[", "]", Self.droppingGroup("(", ")", rest))
    if Self.isNumberedMember(access) { return true }
    guard access.count > 3, access[access.startIndex].text == "." else { return false }
    let closure = access.dropFirst(2).drop { $0.text == "(" }
    let body = closure.dropLast(Self.droppingGroup("{", "}", closure).count)
    return body.indices.contains { body[$0].text.hasPrefix("$") && Self.isNumberedMember(body[($0 + 1)...]) }
  }

  private static func isNumberedMember(_ tokens: ArraySlice<Token>) -> Bool {
    tokens.first?.text == "." && tokens.dropFirst().first?.text.first?.isNumber == true
  }

  /// Drops a group in parentheses with which the tokens begin, if there is one.
  private static func droppingGroup(
    _ open: String, _ close: String, _ tokens: ArraySlice<Token>
  ) -> ArraySlice<Token> {
    guard tokens.first?.text == open else { return tokens }
    var depth = 0
    for index in tokens.indices {
      if tokens[index].text == open { depth += 1 }
      if tokens[index].text == close { depth -= 1 }
      if depth == 0 { return tokens[(index + 1)...] }
    }
    return []
  }
}
