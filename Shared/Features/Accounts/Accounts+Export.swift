import Contract
package import FoundationEssentials
package import Postgres

extension Accounts {
  /// Exports an account's personal data as a JSON object, without secrets and digests. The text stays the same while
  /// the data does.
  package static func export(
    _ account: UUID, including data: [PersonalData], in transaction: inout Transaction
  ) throws -> String {
    var sections: [(name: String, text: String)] = []
    for table in personalData + data {
      guard let query = table.export?(account) else { continue }
      let rows = try transaction.rows(query, as: String.self)
      // The account itself is one object, every other section is an array.
      sections.append(
        (table.section, table.table == "accounts" ? rows.first ?? "null" : "[" + rows.joined(separator: ",\n") + "]"))
    }
    return "{" + sections.map { "\"\($0.name)\":\($0.text)" }.joined(separator: ",\n") + "}"
  }

  /// Exports the accounts that match an email, and audits the export.
  ///
  /// - Throws: `not_found` if no account matches.
  package func export(
    _ email: Email, including data: [PersonalData], by deadline: ContinuousClock.Instant
  ) throws -> String {
    let matches = try find(email, by: deadline)
    if matches.isEmpty { throw Self.noMatch(email) }
    return try export(matches, including: data, by: deadline)
  }

  /// Exports accounts, and audits the export.
  package func export(
    _ matches: [Match], including data: [PersonalData], by deadline: ContinuousClock.Instant
  ) throws -> String {
    var documents: [String] = []
    for account in matches {
      let text = try database.transaction(by: deadline) { transaction in
        // All queries of an export see the same snapshot.
        transaction.send("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        let text = try Self.export(account.id, including: data, in: &transaction)
        Self.record("account_exported", "", of: account.id, by: "operator", in: &transaction)
        return text
      }
      documents.append("{\"foundBy\":\"\(account.reason.rawValue)\",\n\"data\":\(text)}")
    }
    return "{\"accounts\":[\(documents.joined(separator: ",\n"))]}"
  }
}
