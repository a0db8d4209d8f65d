import Accounts
import ArgumentParser
import Contract
import FoundationEssentials
import Notifications
import Postgres

struct AccountsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accounts", abstract: "Grant plans by hand; export and erase what is kept of somebody.",
    subcommands: [Grant.self, Export.self, Erase.self])

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
      _ = try OperatorAccounts.doing {
        try $0.grant(plan, to: email, by: $1) { account, holds, transaction in
          try Outbox.add(.planChanged(account: account, plan: holds), in: &transaction)
        }
      }
      say("\(email.address) has the plan \(plan.rawValue): \(plan.analysesPerDay) analyses a day")
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print all that is kept of somebody, as JSON.",
      discussion: """
        Every account that the address finds: its Free account, the one that it was granted a plan, and those that were given the address as a
        contact. Of the last nothing proves that they are theirs ("foundBy": "contact"): look at them before you hand them on.

        Accounts that no address finds are named by what does.

          local-runner accounts export ada@example.com > ada.json
          local-runner accounts export --subject user_2abc > ada.json
        """)

    @Argument(help: "Whom it concerns.", transform: OperatorAccounts.email)
    var email: Email?

    @OptionGroup var named: NamedAccounts

    func validate() throws {
      try named.check(email)
      if email != nil, !named.account.isEmpty {
        throw ValidationError("an EMAIL finds its accounts itself; --account is for one that none finds")
      }
    }

    func run() throws {
      print(
        try OperatorAccounts.doing(within: .seconds(300)) {
          if let email { return try $0.export(email, and: RunnerDatabase.accountData, by: $1) }
          return try $0.export(named.find(in: $0, by: $1), and: RunnerDatabase.accountData, by: $1)
        })
    }
  }

  struct Erase: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Erase what is kept of somebody, for good.",
      discussion: """
        Takes the Free account of the address and the one that it was granted a plan. An account that was only given the address as a contact
        stays unless it is named: anybody may have given it. Payments, the ledger and the audit log stay for the books, without a name;
        subscriptions that run are ended at Stripe by the worker. Without --yes it says what would go.

        Accounts that no address finds are named by what does.

          local-runner accounts erase ada@example.com
          local-runner accounts erase ada@example.com --account 5f0c9a52-… --yes
          local-runner accounts erase --address 192.0.2.7 --yes
        """)

    @Argument(help: "Whom it concerns.", transform: OperatorAccounts.email)
    var email: Email?

    @OptionGroup var named: NamedAccounts

    @Flag(help: "Do it. Nothing brings it back.")
    var yes = false

    func validate() throws { try named.check(email) }

    func run() throws {
      try OperatorAccounts.doing(within: .seconds(300)) { accounts, deadline in
        let data = RunnerDatabase.accountData
        let chosen =
          if let email { try accounts.choose(email, contacts: named.account, by: deadline) } else {
            try named.find(in: accounts, by: deadline).map { (account: $0, isChosen: true) }
          }
        for (found, isChosen) in chosen {
          let name = "\(found.id.uuidString.lowercased()) (\(found.kind), by \(found.reason.rawValue))"
          if !isChosen {
            say("\(name) stays; --account takes it too")
          } else if yes {
            try accounts.erase(found.id, and: data, by: deadline)
            say("\(name) is erased")
          } else {
            let extent = try accounts.extent(of: found.id, and: data, by: deadline).map { "\($0.rows) \($0.section)" }
            say("\(name) would be erased: \(extent.joined(separator: ", "))")
          }
        }
      }
      if yes { return }
      say("nothing was erased; --yes does it")
      throw ExitCode(4)
    }
  }
}

extension Plan: ExpressibleByArgument {}

/// Accounts that no email finds.
struct NamedAccounts: ParsableArguments {
  @Option(
    help: "An account by its id; of an EMAIL that is erased one that has it as a contact; may be repeated.",
    transform: OperatorAccounts.id)
  var account: [UUID] = []

  @Option(help: ArgumentHelp("A user or an organisation, as tokens name it.", valueName: "name"))
  var subject: String?

  @Option(help: ArgumentHelp("The Free account of an IP address that named no email.", valueName: "ip"))
  var address: String?

  func check(_ email: Email?) throws {
    let names = [subject, address].compactMap { $0 }
    if email == nil, names.isEmpty, account.isEmpty {
      throw ValidationError("say whom it concerns: an EMAIL, or an option that names an account")
    }
    if email != nil, !names.isEmpty {
      throw ValidationError("an EMAIL finds its accounts itself; --subject and --address are for those that none finds")
    }
  }

  /// - Throws: `not_found` where something finds nothing.
  func find(in accounts: Accounts, by deadline: ContinuousClock.Instant) throws -> [Accounts.Found] {
    let names: [(Accounts.Found.Reason, String?)] =
      account.map { (.account, $0.uuidString) } + [(.subject, subject), (.address, address)]
    var all: [Accounts.Found] = []
    for case (let reason, let name?) in names {
      let found = try accounts.find(reason, name, by: deadline)
      if found.isEmpty { throw Failure(.notFound, "there is no account of the \(reason.rawValue) \(name)") }
      all += found
    }
    return all
  }
}

/// What the operator's commands about accounts share.
enum OperatorAccounts {
  static func email(_ text: String) throws -> Email {
    guard let email = Email(text) else {
      throw ValidationError("\(text) is not an email address such as name@example.com")
    }
    return email
  }

  static func id(_ text: String) throws -> UUID {
    guard let id = UUID(uuidString: text) else { throw ValidationError("\(text) is not an account's id") }
    return id
  }

  /// Runs something on the runner's database, and tells a refusal in words.
  static func doing<Value>(
    within duration: Duration = .seconds(30), _ body: (Accounts, ContinuousClock.Instant) throws -> Value
  ) throws -> Value {
    do {
      return try body(Accounts(Database(url: try RunnerDatabase.prepare())), .now.advanced(by: duration))
    } catch {
      guard let failure = error as? Failure ?? (error as? any FailureConvertible)?.failure else { throw error }
      say("local-runner: \(failure.message)")
      throw ExitCode(failure.code.status < 500 ? 4 : 5)
    }
  }
}
