import Accounts
import ArgumentParser
import Contract
import Postgres

struct AccountsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accounts", abstract: "Grant plans by hand.", subcommands: [Grant.self])

  struct Grant: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give somebody a plan, without payment.",
      discussion: """
        The first grant opens an account; `local-runner keys create EMAIL` then makes the key that shows whose a request is. A request that
        only names the address stays on the free plan.

          local-runner accounts grant ada@example.com growth
        """)

    @Argument(help: "Who gets it.", transform: OperatorAccounts.email)
    var email: Email

    @Argument(help: "free, coffee, growth or scale.")
    var plan: Plan

    func run() throws {
      _ = try OperatorAccounts.doing { try $0.grant(plan, to: email, by: $1) }
      say("\(email.address) has the plan \(plan.rawValue): \(plan.analysesPerDay) analyses a day")
    }
  }
}

extension Plan: ExpressibleByArgument {}

/// What the operator's commands about accounts share.
enum OperatorAccounts {
  static func email(_ text: String) throws -> Email {
    guard let email = Email(text) else { throw ValidationError("\(text) is not an email address such as name@example.com") }
    return email
  }

  /// Runs something on the runner's database, and tells a refusal in words.
  static func doing<Value>(_ body: (Accounts, ContinuousClock.Instant) throws -> Value) throws -> Value {
    do {
      return try body(Accounts(Database(url: try RunnerDatabase.prepare())), .now.advanced(by: .seconds(30)))
    } catch {
      guard let failure = error as? Failure ?? (error as? any FailureConvertible)?.failure else { throw error }
      say("local-runner: \(failure.message)")
      throw ExitCode(failure.code.status < 500 ? 4 : 5)
    }
  }
}
