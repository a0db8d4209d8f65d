import Accounts
import ArgumentParser
import Contract
import FoundationEssentials

/// The options that select accounts without an email address.
struct AccountSelection: ParsableArguments {
  @Option(
    help: "The id of an account; with an EMAIL, of an account to erase that has it as its contact; may be repeated.",
    transform: OperatorAccounts.id)
  var account: [UUID] = []

  @Option(help: ArgumentHelp("A user or an organisation, by the name in its tokens.", valueName: "name"))
  var subject: String?

  @Option(help: ArgumentHelp("The Free account of an IP address that sent no email.", valueName: "ip"))
  var address: String?

  func check(_ email: Email?) throws {
    let names = [subject, address].compactMap { $0 }
    if email == nil, names.isEmpty, account.isEmpty {
      throw ValidationError("no account is selected; give an EMAIL, --account, --subject or --address")
    }
    if email != nil, !names.isEmpty {
      throw ValidationError("give either an EMAIL or --subject and --address; an EMAIL finds its accounts itself")
    }
  }

  /// - Throws: `not_found` if an option matches no account.
  func find(in accounts: Accounts, by deadline: ContinuousClock.Instant) throws -> [Accounts.Match] {
    let names: [(Accounts.Match.Reason, String?)] =
      account.map { (.account, $0.uuidString) } + [(.subject, subject), (.address, address)]
    var all: [Accounts.Match] = []
    for case (let reason, let name?) in names {
      let found = try accounts.find(reason, name, by: deadline)
      if found.isEmpty { throw Failure(.notFound, "there is no account with the \(reason.rawValue) \(name)") }
      all += found
    }
    return all
  }
}
