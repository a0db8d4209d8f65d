import Contract
import Cryptography
import FoundationEssentials
import Postgres

/// What models answered before: nobody's own, for it is about what is public, and asked again only when that changes.
///
/// It only saves money: where it fails, models are asked.
struct ModelAnswerStore: Sendable {
  let database: Database

  /// How long an answer holds.
  static let days = 30

  /// What was answered to some questions, by their digests, by any of these models, the first of them rather.
  func recall<Answer: Decodable>(
    _ kind: String, version: Int, _ digests: [[UInt8]], models: [String], as type: Answer.Type, _ log: Log,
    by deadline: ContinuousClock.Instant
  ) -> [[UInt8]: Answer] {
    let hex = digests.map(Hex.encode).joined(separator: ",")
    let names = models.joined(separator: "\n")
    do {
      let rows = try database.rows(
        """
        SELECT digest, answer FROM model_answers
        WHERE kind = \(kind) AND version = \(version) AND model = ANY (string_to_array(\(names), chr(10)))
          AND digest IN (SELECT decode(text, 'hex') FROM unnest(string_to_array(\(hex), ',')) AS text)
          AND answered_at > now() - make_interval(days => \(Self.days)::int)
        ORDER BY array_position(string_to_array(\(names), chr(10)), model)
        """, as: [UInt8].self, String.self, by: deadline)
      let answers = rows.compactMap { row in (try? JSON.decode(type, from: Array(row.1.utf8))).map { (row.0, $0) } }
      return Dictionary(answers) { first, _ in first }
    } catch {
      log(.warning, "what models answered before cannot be recalled", ["error": "\(error)"])
      return [:]
    }
  }

  func save(
    _ kind: String, version: Int, _ answers: [(digest: [UInt8], answer: some Encodable)], model: String, _ log: Log,
    by deadline: ContinuousClock.Instant
  ) {
    do {
      // In one order for all, so that two writers never wait for one another.
      let rows = try answers.map { ($0.digest, String(decoding: try JSON.encode($0.answer), as: UTF8.self)) }
        .sorted { $0.0.lexicographicallyPrecedes($1.0) }
      try database.transaction(by: deadline) { transaction in
        for (digest, answer) in rows {
          transaction.send(
            """
            INSERT INTO model_answers (kind, digest, model, version, answer) VALUES (\(kind), \(digest), \(model), \(version), \(answer)::json)
            ON CONFLICT (kind, digest, model, version) DO UPDATE SET (answer, answered_at) = (excluded.answer, now())
            """)
        }
      }
    } catch {
      log(.warning, "what a model answered cannot be kept", ["error": "\(error)"])
    }
  }

  /// Forgets what no longer holds.
  static func purge(_ database: Database, at now: Date?, by deadline: ContinuousClock.Instant) throws(DatabaseError)
    -> Int
  {
    try database.execute(
      "DELETE FROM model_answers WHERE answered_at < coalesce(\(now), statement_timestamp()) - make_interval(days => \(days)::int)",
      by: deadline)
  }
}
