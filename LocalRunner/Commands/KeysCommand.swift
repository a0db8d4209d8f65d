import Accounts
import ArgumentParser
import FoundationEssentials

struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "Make, list and revoke the API keys of customers.",
    discussion: """
      An email finds the account that its grants made; that of a purchase is named by --session, as Stripe shows it, or by --account.

        local-runner accounts grant ada@example.com growth
        curl -H "Authorization: Bearer $(local-runner keys create ada@example.com)" -d '{"url":"https://example.com"}' localhost:9000/analyze
        local-runner keys list --session cs_live_…
      """,
    subcommands: [Create.self, List.self, Revoke.self])

  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a key and print it. It is shown this once: only its digest is kept.")

    @Argument(help: "Whose it is.")
    var email: String?

    @OptionGroup var owner: KeyOwnerOptions

    @Option(help: ArgumentHelp("How long it is good; for ever without.", valueName: "days"))
    var expires: Int?

    func validate() throws {
      try owner.check(email)
      if let expires, !(1...3_650).contains(expires) { throw ValidationError("--expires takes 1 to 3650 days") }
    }

    func run() throws {
      print(try owner.doing(email) { try $0.makeKey(for: $1, days: expires, by: $2) }.text)
      say("keep it; it is not shown again")
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List keys, a line each, the newest first.",
      discussion: "How it begins, when it was made, how it stands, and its id, by which the audit log names it.")

    @Argument(help: "Whose they are.")
    var email: String?

    @OptionGroup var owner: KeyOwnerOptions

    func validate() throws { try owner.check(email) }

    func run() throws {
      let keys = try owner.doing(email) { try $0.keys(of: $1, by: $2) }
      for key in keys {
        print(
          "\(key.beginning)…\t\(key.createdAt.formatted(.iso8601))\t\(Self.state(of: key, at: Date()))\t\(key.id.uuidString.lowercased())"
        )
      }
      if keys.isEmpty { say("there is no key; local-runner keys create \(owner.description(email)) makes one") }
    }

    private static func state(of key: ListedKey, at now: Date) -> String {
      if let time = key.revokedAt { return "revoked \(time.formatted(.iso8601))" }
      guard let time = key.expiresAt else { return "active" }
      return time > now ? "active until \(time.formatted(.iso8601))" : "expired \(time.formatted(.iso8601))"
    }
  }

  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Revoke a key, at once and for good.",
      discussion: """
        local-runner keys revoke ada@example.com llmtxt_0123abcd
        local-runner keys revoke --session cs_live_… llmtxt_0123abcd
        """)

    @Argument(
      help: ArgumentHelp(
        "Whose it is, unless an option says it, and how it begins, as `keys list` shows it.", valueName: "email> <key"))
    var words: [String]

    @OptionGroup var owner: KeyOwnerOptions

    private var email: String? { words.count == 2 ? words[0] : nil }

    func validate() throws {
      guard (1...2).contains(words.count) else { throw ValidationError("say whose key it is, and how it begins") }
      try owner.check(email)
    }

    func run() throws {
      // A pasted key is cut to what is listed; the rest of it is nobody's business.
      let beginning = String(words[words.count - 1].filter { $0 != "…" }.prefix(15))
      let count = try owner.doing(email) { try $0.revokeKeys(of: $1, beginning: beginning, by: $2) }
      guard count > 0 else {
        let whose = owner.description(email)
        say(
          "local-runner: \(whose) has no active key that begins with \(beginning); local-runner keys list \(whose) shows them"
        )
        throw ExitCode(4)
      }
      say("revoked \(beginning)…")
    }
  }
}
