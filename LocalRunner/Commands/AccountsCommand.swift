import Accounts
import ArgumentParser
import Contract
import FoundationEssentials
import Notifications
import RunnerDatabase

struct AccountsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accounts", abstract: "Grant plans; export and erase personal data.",
    subcommands: [Grant.self, Export.self, Erase.self])

  struct Grant: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give an account a plan without payment.",
      discussion: """
        The first grant opens an account. Then create an API key with `local-runner
        keys create EMAIL`: only requests with the key use the plan. A request that
        contains the email address and no key has the Free plan.

          local-runner accounts grant ada@example.com growth
        """)

    @Argument(help: "The email address of the account.", transform: OperatorAccounts.email)
    var email: Email

    @Argument(help: "free, coffee, growth or scale.")
    var plan: Plan

    func run() throws {
      _ = try OperatorAccounts.perform {
        try $0.grant(plan, to: email, by: $1) { account, plan, transaction in
          try Outbox.add(.planChanged(account: account, plan: plan), in: &transaction)
        }
      }
      printError("\(email.address) has the plan \(plan.rawValue): \(plan.analysesPerDay) analyses a day")
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print all data about a person, as JSON.",
      discussion: """
        An email address finds its Free account, the account of its grants, and
        accounts that have it as their contact. The contact does not prove who owns an
        account ("foundBy": "contact"): check those accounts before you hand over the
        data.

        For an account without an email address, use an option.

          local-runner accounts export ada@example.com > ada.json
          local-runner accounts export --subject user_2abc > ada.json
        """)

    @Argument(help: "The email address of the person.", transform: OperatorAccounts.email)
    var email: Email?

    @OptionGroup var selection: AccountSelection

    func validate() throws {
      try selection.check(email)
      if email != nil, !selection.account.isEmpty {
        throw ValidationError("give either an EMAIL or --account; an EMAIL finds its accounts itself")
      }
    }

    func run() throws {
      try StandardOutput.printLine(
        try OperatorAccounts.perform(within: .seconds(300)) {
          if let email { return try $0.export(email, including: Feature.all.personalData, by: $1) }
          return try $0.export(selection.find(in: $0, by: $1), including: Feature.all.personalData, by: $1)
        })
    }
  }

  struct Erase: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete all data about a person. This cannot be undone.",
      discussion: """
        An email address selects its Free account and the account of its grants. An
        account that has the address only as its contact is kept unless --account
        names it, because anyone can enter any address. Payments, the ledger and the
        audit log are kept without a name, for bookkeeping. The worker cancels active
        subscriptions at Stripe. Without --yes the command only lists what it would
        delete.

        For an account without an email address, use an option.

          local-runner accounts erase ada@example.com
          local-runner accounts erase ada@example.com --account 5f0c9a52-… --yes
          local-runner accounts erase --address 192.0.2.7 --yes
        """)

    @Argument(help: "The email address of the person.", transform: OperatorAccounts.email)
    var email: Email?

    @OptionGroup var selection: AccountSelection

    @Flag(help: "Delete the data.")
    var yes = false

    func validate() throws { try selection.check(email) }

    func run() throws {
      try OperatorAccounts.perform(within: .seconds(300)) { accounts, deadline in
        let data = Feature.all.personalData
        let chosen =
          if let email { try accounts.erasureSelection(email, contacts: selection.account, by: deadline) } else {
            try selection.find(in: accounts, by: deadline).map { (account: $0, isSelected: true) }
          }
        for (found, isSelected) in chosen {
          let name = "\(found.id.uuidString.lowercased()) (\(found.kind), by \(found.reason.rawValue))"
          if !isSelected {
            printError("\(name) is kept; add --account to erase it")
          } else if yes {
            try accounts.erase(found.id, including: data, by: deadline)
            printError("\(name) is erased")
          } else {
            let extent = try accounts.erasableRows(of: found.id, including: data, by: deadline).map {
              "\($0.rows) \($0.section)"
            }
            printError("\(name) would be erased: \(extent.joined(separator: ", "))")
          }
        }
      }
      if yes { return }
      printError("nothing was erased; add --yes to erase")
      throw ExitCode(4)
    }
  }
}

extension Plan: ExpressibleByArgument {}
