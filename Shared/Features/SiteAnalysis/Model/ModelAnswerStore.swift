import Contract
import Cryptography
import FoundationEssentials
import Postgres

/// Stores language models' answers about public pages, so that the same question is not paid for twice.
///
/// Answers are shared by all accounts. The store is only a cache: if the database fails, the failure is logged and the
/// model is asked.
struct ModelAnswerStore: Sendable {
  let database: Database

  /// The number of days after which an answer expires.
  static let days = 30

  /// Returns stored answers by the digest of their question.
  ///
  /// - Parameters:
  ///   - kind: The kind of question: `score` or `curation`.
  ///   - version: The version of the prompt.
  ///   - digests: The SHA-256 digests of the questions.
  ///   - models: The acceptable models in order of preference.
  func load<Answer: Decodable>(
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
        """, as: Row.self, by: deadline)
      let answers = rows.compactMap { row in (try? JSON.decode(type, from: row.answer)).map { (row.digest, $0) } }
      return Dictionary(answers) { first, _ in first }
    } catch {
      log(.warning, "stored model answers cannot be loaded", ["error": "\(error)"])
      return [:]
    }
  }

  private struct Row: Decodable {
    let digest: [UInt8]
    let answer: String
  }

  /// Stores answers, replacing older ones of the same model and prompt version.
  func save(
    _ kind: String, version: Int, _ answers: [(digest: [UInt8], answer: some Encodable)], model: String, _ log: Log,
    by deadline: ContinuousClock.Instant
  ) {
    do {
      // All writers use the same order of rows, so that they cannot deadlock.
      let rows = try answers.map { ($0.digest, String(decoding: try JSON.encode($0.answer), as: UTF8.self)) }
        .sorted { $0.0.lexicographicallyPrecedes($1.0) }
      try database.transaction(by: deadline) { transaction in
        for (digest, answer) in rows {
          transaction.send(
            """
            INSERT INTO model_answers (kind, digest, model, version, answer)
            VALUES (\(kind), \(digest), \(model), \(version), \(answer)::json)
            ON CONFLICT (kind, digest, model, version) DO UPDATE SET (answer, answered_at) = (excluded.answer, now())
            """)
        }
      }
    } catch {
      log(.warning, "model answers cannot be stored", ["error": "\(error)"])
    }
  }

  /// Deletes expired answers and returns their number.
  static func purge(_ database: Database, at now: Date?, by deadline: ContinuousClock.Instant) throws(DatabaseError)
    -> Int
  {
    try database.execute(
      """
      DELETE FROM model_answers
      WHERE answered_at < coalesce(\(now), statement_timestamp()) - make_interval(days => \(days)::int)
      """, by: deadline)
  }
}
