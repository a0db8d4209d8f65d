import Accounts
import ArgumentParser
import FoundationEssentials

struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "Make, list and revoke the API keys of accounts that were granted a plan.",
    discussion: """
      local-runner accounts grant ada@example.com growth
      curl -H "Authorization: Bearer $(local-runner keys create ada@example.com)" -d '{"url":"https://example.com"}' localhost:9000/analyze
      """,
    subcommands: [Create.self, List.self, Revoke.self])

  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make a key and print it. It is shown this once: only its digest is kept.")

    @Argument(help: "Whose it is.", transform: OperatorAccounts.email)
    var email: Email

    func run() throws {
      print(try OperatorAccounts.doing { try $0.makeKey(for: email, by: $1) }.text)
      say("keep it; it is not shown again")
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List keys by their first characters, a line each, the newest first.")

    @Argument(help: "Whose they are.", transform: OperatorAccounts.email)
    var email: Email

    func run() throws {
      let keys = try OperatorAccounts.doing { try $0.keys(of: email, by: $1) }
      for key in keys {
        let state = key.revokedAt.map { "revoked \($0.formatted(.iso8601))" } ?? "active"
        print("\(key.beginning)…\t\(key.createdAt.formatted(.iso8601))\t\(state)")
      }
      if keys.isEmpty { say("there is no key; local-runner keys create \(email.address) makes one") }
    }
  }

  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Revoke a key, at once and for good.")

    @Argument(help: "Whose it is.", transform: OperatorAccounts.email)
    var email: Email

    @Argument(help: "How it begins, as `keys list` shows it.")
    var key: String

    func run() throws {
      // A pasted key is cut to what is listed; the rest of it is nobody's business.
      let beginning = String(key.filter { $0 != "…" }.prefix(15))
      let count = try OperatorAccounts.doing { try $0.revokeKeys(of: email, beginning: beginning, by: $1) }
      guard count > 0 else {
        say("local-runner: \(email.address) has no active key that begins with \(beginning); local-runner keys list \(email.address) shows them")
        throw ExitCode(4)
      }
      say("revoked \(beginning)…")
    }
  }
}
