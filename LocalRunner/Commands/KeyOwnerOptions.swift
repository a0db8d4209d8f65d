import Accounts
import ArgumentParser
import Billing
import FoundationEssentials
import Postgres

/// Whose keys a command is about, where no email says it.
struct KeyOwnerOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The account, by its id.", valueName: "id"), transform: account)
  var account: UUID?

  @Option(help: ArgumentHelp("The account that this Stripe checkout session was paid for, cs_….", valueName: "id"))
  var session: String?

  private static func account(_ text: String) throws -> UUID {
    guard let id = UUID(uuidString: text) else { throw ValidationError("\(text) is no account's id") }
    return id
  }

  /// - Parameter email: whose grants made the account.
  func check(_ email: String?) throws {
    guard [email != nil, account != nil, session != nil].count(where: { $0 }) == 1 else {
      throw ValidationError(
        "say whose keys: by an EMAIL that was granted a plan, by --account, or by --session of a purchase")
    }
    if let email { _ = try OperatorAccounts.email(email) }
  }

  /// Runs something on the owner's account, after ``check(_:)``.
  func doing<Value>(_ email: String?, _ body: (Accounts, KeyOwner, ContinuousClock.Instant) throws -> Value) throws
    -> Value
  {
    try OperatorAccounts.doing { accounts, deadline in
      if let email { return try body(accounts, .grants(OperatorAccounts.email(email)), deadline) }
      if let account { return try body(accounts, .account(account), deadline) }
      let database = Database(url: try RunnerDatabase.prepare())
      return try body(accounts, .account(Billing.account(ofPaid: session ?? "", database, by: deadline)), deadline)
    }
  }

  /// As somebody would say it to another command.
  func description(_ email: String?) -> String {
    email ?? account.map { "--account \($0.uuidString.lowercased())" } ?? "--session \(session ?? "")"
  }
}
