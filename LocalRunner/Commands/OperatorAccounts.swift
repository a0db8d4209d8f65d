import Accounts
import ArgumentParser
import Contract
import FoundationEssentials
import Postgres
import RunnerDatabase

/// Functions that the commands about accounts and keys share.
enum OperatorAccounts {
  static func email(_ text: String) throws -> Email {
    guard let email = Email(text) else {
      throw ValidationError("\(text) is not an email address such as name@example.com")
    }
    return email
  }

  static func id(_ text: String) throws -> UUID {
    guard let id = UUID(uuidString: text) else {
      throw ValidationError("\(text) is not the id of an account; an id is a UUID")
    }
    return id
  }

  /// Runs `body` with the runner's database. If it throws a failure, prints the message and exits with 4 or 5.
  static func perform<Value>(
    within duration: Duration = .seconds(30), _ body: (Accounts, ContinuousClock.Instant) throws -> Value
  ) throws -> Value {
    do {
      return try body(Accounts(Database(url: try RunnerDatabase.prepare())), .now.advanced(by: duration))
    } catch {
      guard let failure = error as? Failure ?? (error as? any FailureConvertible)?.failure else { throw error }
      printFailure(failure.message)
      throw ExitCode(failure.code.status < 500 ? 4 : 5)
    }
  }
}
