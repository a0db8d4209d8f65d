import FoundationEssentials
import Support

/// A command line in a ```sh block of a Markdown file.
struct DocumentedCommand: Sendable, CustomStringConvertible {
  let file: String
  let line: Int
  /// The command without its comment.
  let text: String
  /// The comment after the command; empty if there is none.
  let comment: String

  var description: String { "\(file):\(line): \(text)" }

  /// The files that document commands.
  static let files = [
    "README.md", "LocalRunner/README.md", "LocalRunner/CRAWLER.md", "Shared/README.md", "Tests/README.md",
    "Events/README.md",
  ]

  /// All commands of the files, in order.
  static func all() throws -> [DocumentedCommand] {
    try files.flatMap { file in
      var isInBlock = false
      let lines = try Products.text(of: file).split(separator: "\n", omittingEmptySubsequences: false)
      return lines.enumerated().compactMap { index, line -> DocumentedCommand? in
        if line.hasPrefix("```") {
          isInBlock = line == "```sh"
          return nil
        }
        let (text, comment) = split(line)
        guard isInBlock, !text.isEmpty else { return nil }
        return DocumentedCommand(file: file, line: index + 1, text: text, comment: comment)
      }
    }
  }

  /// Splits a line at the `#` that begins a comment.
  private static func split(_ line: Substring) -> (text: String, comment: String) {
    var quote: Character?
    var previous: Character = " "
    for index in line.indices {
      let character = line[index]
      if character == "#", quote == nil, previous == " " {
        return (trimmed(line[..<index]), trimmed(line[line.index(after: index)...]))
      }
      quote = after(character, quote)
      previous = character
    }
    return (trimmed(line), "")
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }

  /// The quotation mark that is open after a character.
  private static func after(_ character: Character, _ quote: Character?) -> Character? {
    guard character == "'" || character == "\"" else { return quote }
    return quote == nil ? character : quote == character ? nil : quote
  }

  /// The words of each simple command: `a "b c" | D=e f > g` has `a`, `b c` and `f`.
  ///
  /// Assignments and redirections are left out. It understands as much of the shell as the documentation uses.
  var simpleCommands: [[String]] {
    var commands: [[String]] = [[]]
    var word: String?
    var quote: Character?
    var isRedirected = false
    func finishWord() {
      guard let finished = word else { return }
      word = nil
      if isRedirected {
        isRedirected = false
        return
      }
      let name = finished.prefix { $0 == "_" || $0.isLetter || $0.isNumber }
      if commands[commands.count - 1].isEmpty, finished.dropFirst(name.count).first == "=" { return }
      commands[commands.count - 1].append(finished)
    }
    func finishCommand() {
      finishWord()
      if !commands[commands.count - 1].isEmpty { commands.append([]) }
    }
    for character in text {
      let open = quote
      quote = Self.after(character, quote)
      switch character {
      case _ where quote != open: word = word ?? ""
      case _ where quote != nil: word = (word ?? "") + String(character)
      case " ": finishWord()
      case "|", ";", "&", "(", ")": finishCommand()
      case ">", "<":
        finishWord()
        isRedirected = true
      case "$": word = word ?? ""
      default: word = (word ?? "") + String(character)
      }
    }
    finishCommand()
    return commands.filter { !$0.isEmpty }
  }
}
