import Contract
package import FoundationEssentials
package import Postgres

extension Accounts {
  /// Grants a plan to the account of this email's grants, and opens the account if there is none.
  ///
  /// Only grants lead to this account: a request that names the address gets the Free account of the address.
  /// - Parameter also: runs in the same transaction if the effective plan changes.
  package func grant(
    _ plan: Plan, to email: Email, by deadline: ContinuousClock.Instant,
    also: (_ account: UUID, _ effective: Plan, _ transaction: inout Transaction) throws -> Void = { _, _, _ in }
  ) throws -> Account {
    try database.transaction(by: deadline) { transaction in
      let existing = try transaction.rows(
        "SELECT account_id FROM account_identities WHERE kind = 'grant' AND subject = \(email.address)", as: UUID.self
      ).first
      let id = if let existing { existing } else { try Self.openAccount(for: email, in: &transaction) }
      let before = try transaction.rows(
        "SELECT \(unsafeSQL: Self.planColumns), told_plan FROM accounts WHERE account_id = \(id) FOR UPDATE",
        as: GrantedPlans.self)[0]
      try Self.requireNotErased(id, in: &transaction)
      let effective = max(plan, before.boughtPlan, before.subscribedPlan)
      transaction.send(
        "UPDATE accounts SET plan = \(plan.rawValue), told_plan = \(effective.rawValue) WHERE account_id = \(id)")
      if before.toldPlan != effective { try also(id, effective, &transaction) }
      Self.record(
        "plan_granted", "\(before.grantedPlan.rawValue) to \(plan.rawValue)", of: id, by: "operator", in: &transaction)
      return Account(id: id, kind: .customer, plan: plan)
    }
  }

  private struct GrantedPlans: Decodable {
    let grantedPlan: Plan
    let boughtPlan: Plan
    let subscribedPlan: Plan
    let toldPlan: Plan
  }

  private static func openAccount(for email: Email, in transaction: inout Transaction) throws -> UUID {
    let id = UUID()
    transaction.send("INSERT INTO accounts (account_id, kind, email) VALUES (\(id), 'customer', \(email.address))")
    let isFirst = try transaction.execute(
      """
      INSERT INTO account_identities (kind, subject, account_id) VALUES ('grant', \(email.address), \(id))
      ON CONFLICT DO NOTHING
      """)
    if isFirst == 1 { return id }
    // Another grant to the same address was faster.
    transaction.send("DELETE FROM accounts WHERE account_id = \(id)")
    return try transaction.rows(
      "SELECT account_id FROM account_identities WHERE kind = 'grant' AND subject = \(email.address)", as: UUID.self)[0]
  }
}
