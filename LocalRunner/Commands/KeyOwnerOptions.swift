import Accounts
import ArgumentParser
import Billing
import FoundationEssentials
import Postgres
import RunnerDatabase

/// The options that select the account whose keys a command manages, if no email address is given.
struct KeyOwnerOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The id of the account.", valueName: "id"), transform: OperatorAccounts.id)
  var account: UUID?

  @Option(help: ArgumentHelp("The paid Stripe checkout session of the account, cs_….", valueName: "id"))
  var session: String?

  /// - Parameter email: selects the account of the grants for this address.
  func check(_ email: String?) throws {
    guard [email != nil, account != nil, session != nil].count(where: { $0 }) == 1 else {
      throw ValidationError(
        "select one account: by an EMAIL that was granted a plan, by --account, or by --session of a purchase")
    }
    if let email { _ = try OperatorAccounts.email(email) }
  }

  /// Runs `body` for the selected account. Call ``check(_:)`` first.
  func perform<Value>(
    _ email: String?, _ body: (Accounts, KeyOwner, ContinuousClock.Instant) throws -> Value
  ) throws -> Value {
    try OperatorAccounts.perform { accounts, deadline in
      if let email { return try body(accounts, .grants(OperatorAccounts.email(email)), deadline) }
      if let account { return try body(accounts, .account(account), deadline) }
      let database = Database(url: try RunnerDatabase.prepare())
      return try body(accounts, .account(Billing.account(ofPaid: session ?? "", database, by: deadline)), deadline)
    }
  }

  /// The arguments that select the account, for messages that quote a command.
  func description(_ email: String?) -> String {
    email ?? account.map { "--account \($0.uuidString.lowercased())" } ?? "--session \(session ?? "")"
  }
}
