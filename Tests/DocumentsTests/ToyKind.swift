import Access
import Accounts
import Contract
import Jobs
import Metering
import Postgres

/// A kind of document that only the tests define, with a meter of its own.
extension Kind {
  static let toy = Kind("toy", ToyRequest.self, meter: .toys) { request, _ in try request.work() }

  /// The same work without a meter.
  static let freeToy = Kind("free_toy", ToyRequest.self) { request, _ in try request.work() }
}

struct ToyRequest: Decodable {
  static let mediaType = "text/x-toy; charset=utf-8"

  let text: String
  let fails: Bool?

  func work() throws -> Work {
    if fails ?? false { throw Failure(.upstreamFailed, "the toy is broken") }
    return Work(mediaType: Self.mediaType, text: "toy: \(text)", headers: ["x-toy": "1"])
  }
}

extension Meter {
  static let toys = Meter("toys") {
    $0.kind == .operator ? nil : 2
  } exhausted: {
    "the plan's \($0) toys a day are used up"
  }
}

/// A feature that only the tests define.
extension Feature {
  static let toy = Feature(
    "toy",
    migrations: [
      Migration(
        9_001, "toys",
        sql: Array(
          """
          CREATE TABLE toys (account_id uuid NOT NULL REFERENCES accounts, name text NOT NULL, year int NOT NULL);
          """.utf8))
    ],
    personalData: [
      PersonalData("toys", as: "toys") {
        "SELECT json_build_object('name', name)::text FROM toys WHERE account_id = \($0) ORDER BY name"
      } erase: { account, transaction in
        transaction.send("DELETE FROM toys WHERE account_id = \(account)")
      }
    ],
    purge: { database, deadline in try database.execute("DELETE FROM toys WHERE year < 2000", by: deadline) },
    jobs: [
      JobHandler(.playWithToy) { context in
        { lease, deadline in
          try context.database.transaction(by: deadline) { transaction in
            transaction.send("UPDATE toys SET name = name || ', played with'")
            try Jobs.complete(lease, in: &transaction)
          }
          return "played"
        }
      }
    ],
    meters: [.toys])
}

extension JobKind {
  static let playWithToy: JobKind = "play_with_toy"
}
