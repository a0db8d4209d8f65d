import ArgumentParser
import Crawling

/// Finds a word that is not a command, and suggests the command that was probably meant.
enum UnknownCommand {
  /// - Returns: the message, and the command without such a subcommand; nil if all words are commands.
  static func find(in arguments: [String]) -> (message: String, command: any ParsableCommand.Type)? {
    var command: any ParsableCommand.Type = LocalRunner.self
    var words = ["local-runner"]
    for (index, word) in arguments.enumerated() {
      let subcommands = command.configuration.subcommands
      if subcommands.isEmpty || word.hasPrefix("-") || word == "help" && index == 0 { return nil }
      if let next = subcommands.first(where: { $0._commandName == word }) {
        command = next
        words.append(word)
        continue
      }
      // Values of options may be secret.
      let rest = arguments[(index + 1)...].prefix { !$0.hasPrefix("-") }
      let suggestion: String? =
        if let name = nearest(to: word, in: subcommands.map { $0._commandName }) {
          (words + [name] + rest).joined(separator: " ")
        } else if index == 0, looksLikeSite(word) {
          (words + ["llms", word] + rest).joined(separator: " ")
        } else {
          nil
        }
      let names = subcommands.map { $0._commandName }.joined(separator: ", ")
      let advice = suggestion.map { "did you mean `\($0)`?" } ?? "the commands are \(names)"
      return ("there is no command '\(word)'; \(advice)", command)
    }
    return nil
  }

  private static func looksLikeSite(_ word: String) -> Bool { word.contains { ".:/".contains($0) } }

  private static func nearest(to word: String, in names: [String]) -> String? {
    let word = word.lowercased()
    let near = names.map { (name: $0, distance: $0.editDistance(to: word)) }.filter {
      $0.distance <= 2 && $0.distance < $0.name.count / 2 + 1 || word.count >= 3 && $0.name.hasPrefix(word)
    }
    return near.min { $0.distance < $1.distance }?.name
  }
}
