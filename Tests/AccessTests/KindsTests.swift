import Access
import Accounts
import Contract
import FoundationEssentials
import Limits
import Metering
import Postgres
import Support
import Testing

/// Operations that dispatch on the body's `kind`.
@Suite struct KindsTests {
  private let database: Database
  private let access: Access
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))

  init() throws {
    // A migration of Metering creates the table of idempotency keys.
    database = Database(url: try TestDatabase.make(Accounts.migrations + Limits.migrations + Metering.migrations))
    access = Access(database)
  }

  private struct Note: Decodable, Sendable {
    let text: String
  }

  private struct Sum: Decodable, Sendable {
    let numbers: [Int]
  }

  private static let kinds = [
    Kind("note", Note.self) { note, call in
      Work(mediaType: "text/plain", text: "\(note.text) by \(call.account.kind.rawValue)")
    },
    Kind("sum", Sum.self, isIdempotent: false) { sum, _ in
      Work(mediaType: "text/plain", text: String(sum.numbers.reduce(0, +)))
    },
  ]

  /// - Parameter stores: true if the route stores the work and finishes the ticket.
  private func send(
    _ body: String, key: String? = nil, stores: Bool = true, isOperator: Bool = false
  ) async -> (status: Int, text: String) {
    let database = database
    let operation = access.post(
      "/things", .generate, default: "note", kinds: Self.kinds,
      repeated: { resource, _ in .text("stored \(resource)", mediaType: "text/plain") },
      deliver: { kind, call, perform in
        let work = try await perform(call)
        if let ticket = call.ticket, stores {
          try database.transaction(by: call.deadline.instant) {
            try IdempotencyKeys.finish(ticket, resource: kind.name, in: &$0)
          }
        }
        return work.response
      })
    var headers: [String: String] = [:]
    headers["idempotency-key"] = key
    let event = Event(
      method: "POST", rawPath: "/things", headers: headers, body: Array(body.utf8), sourceIP: "192.0.2.1",
      isOperator: isOperator)
    let response = await Router([operation], log: Log(threshold: .error) { _ in })
      .respond(to: event, by: Deadline(after: .seconds(60)))
    return (response.status, String(decoding: response.bytes, as: UTF8.self))
  }

  private func countOfKeys() throws -> Int {
    try database.rows("SELECT count(*) FROM idempotency_keys", as: Int.self, by: soon)[0]
  }

  @Test func eachKindDecodesItsOwnRequest() async {
    #expect(await send(#"{"kind":"note","text":"hello"}"#) == (200, "hello by free"))
    #expect(await send(#"{"kind":"sum","numbers":[1,2,3]}"#) == (200, "6"))
    let mismatch = await send(#"{"kind":"sum","text":"hello"}"#)
    #expect(mismatch.status == 400 && mismatch.text.contains("numbers"))
  }

  @Test func bodyWithoutKindIsOfTheDefaultKind() async {
    #expect(await send(#"{"text":"hello"}"#) == (200, "hello by free"))
  }

  @Test(arguments: ["essay", "", "Note"])
  func unknownKindListsTheValidOnes(name: String) async {
    let answer = await send(#"{"kind":"\#(name)","text":"hello"}"#)
    #expect(answer.status == 400)
    #expect(answer.text.contains(#"kind must be \"note\" or \"sum\""#), "\(answer.text)")
    #expect(answer.text.contains(#""field":"kind""#))
  }

  @Test func emailOfTheBodyLeadsToTheCallersAccount() async throws {
    #expect(await send(#"{"text":"hello","email":"ada@example.com"}"#).status == 200)
    #expect(
      try database.rows("SELECT subject FROM account_identities", as: String.self, by: soon)
        == ["ada@example.com 192.0.2.1"])
    #expect(await send(#"{"text":"hello","email":"nonsense"}"#).status == 400)
  }

  // MARK: Idempotency

  @Test func repeatedKeyOfAnIdempotentKindReturnsTheStoredResource() async {
    #expect(await send(#"{"text":"hello"}"#, key: "k") == (200, "hello by free"))
    #expect(await send(#"{"text":"hello"}"#, key: "k") == (200, "stored note"))
  }

  @Test func idempotentKindThatStoresNothingReleasesItsKey() async throws {
    for _ in 0..<2 { #expect(await send(#"{"text":"hello"}"#, key: "k", stores: false) == (200, "hello by free")) }
    #expect(try countOfKeys() == 0)
  }

  @Test func kindThatIsNotIdempotentStoresNoKey() async throws {
    #expect(await send(#"{"kind":"sum","numbers":[1]}"#, key: "k") == (200, "1"))
    #expect(await send(#"{"kind":"sum","numbers":[2]}"#, key: "k") == (200, "2"))
    #expect(try countOfKeys() == 0)
  }
}
