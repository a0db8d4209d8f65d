import Accounts
import ArgumentParser
import Contract
import FoundationEssentials

struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "Create, list and revoke the API keys of customers.",
    discussion: """
      An email address selects the account of its grants. The account of a purchase
      is selected by --session, with the id that Stripe shows, or by --account.

        local-runner accounts grant ada@example.com growth
        local-runner keys create ada@example.com
        curl -H "Authorization: Bearer llmtxt_…" -d '{"url":"https://example.com"}' localhost:9000/analyze
        local-runner keys list --session cs_live_…
      """,
    subcommands: [Create.self, List.self, Revoke.self])

  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Create a key and print it. It cannot be shown again, because only its digest is stored.")

    @Argument(help: "The owner's email address.")
    var email: String?

    @OptionGroup var owner: KeyOwnerOptions

    @Option(help: ArgumentHelp("The time until the key expires; by default it does not expire.", valueName: "days"))
    var expires: Int?

    func validate() throws {
      try owner.check(email)
      if let expires, !(1...3_650).contains(expires) { throw ValidationError("--expires takes 1 to 3650 days") }
    }

    func run() throws {
      try StandardOutput.printLine(try owner.perform(email) { try $0.makeKey(for: $1, days: expires, by: $2) }.text)
      printError("save the key; it is not shown again")
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List keys, one in each line, the newest first.",
      discussion: "The columns are the beginning of the key, its creation time, its state and its id in the audit log.")

    @Argument(help: "The owner's email address.")
    var email: String?

    @OptionGroup var owner: KeyOwnerOptions

    func validate() throws { try owner.check(email) }

    func run() throws {
      let keys = try owner.perform(email) { try $0.keys(of: $1, by: $2) }
      for key in keys {
        let columns = [
          "\(key.beginning)…", key.createdAt.formatted(.iso8601), Self.state(of: key, at: Date()),
          key.id.uuidString.lowercased(),
        ]
        try StandardOutput.printLine(columns.joined(separator: "\t"))
      }
      if keys.isEmpty {
        printError("there are no keys; create one with `local-runner keys create \(owner.description(email))`")
      }
    }

    private static func state(of key: ListedKey, at now: Date) -> String {
      if let time = key.revokedAt { return "revoked \(time.formatted(.iso8601))" }
      guard let time = key.expiresAt else { return "active" }
      return time > now ? "active until \(time.formatted(.iso8601))" : "expired \(time.formatted(.iso8601))"
    }
  }

  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Revoke a key at once. This cannot be undone.",
      discussion: """
        local-runner keys revoke ada@example.com llmtxt_0123abcd
        local-runner keys revoke --session cs_live_… llmtxt_0123abcd
        """)

    @Argument(
      help: ArgumentHelp(
        "The owner's email address, unless an option selects the account, and the beginning of the key.",
        valueName: "email> <key"))
    var words: [String]

    @OptionGroup var owner: KeyOwnerOptions

    private var email: String? { words.count == 2 ? words[0] : nil }

    func validate() throws {
      guard (1...2).contains(words.count) else {
        throw ValidationError("give the owner's EMAIL or an option, and the beginning of the key")
      }
      try owner.check(email)
    }

    func run() throws {
      // A complete key is shortened to the part that `keys list` shows, so that the secret part is not printed.
      let beginning = String(words[words.count - 1].filter { $0 != "…" }.prefix(15))
      let count = try owner.perform(email) { try $0.revokeKeys(of: $1, beginning: beginning, by: $2) }
      guard count > 0 else {
        let account = owner.description(email)
        printFailure(
          "\(account) has no active key that begins with \(beginning);"
            + " list the keys with `local-runner keys list \(account)`")
        throw ExitCode(4)
      }
      printError("revoked \(beginning)…")
    }
  }
}
