import Access
import Accounts
import Contract
import Cryptography
import FoundationEssentials
import Postgres
import Support
import Testing

@testable import Billing

/// The effect of Clerk's webhook events on accounts, and the events that are refused.
@Suite struct ClerkWebhookTests {
  private let url: String
  private let database: Database
  private let clerk: ClerkDeliverer
  private let soon = ContinuousClock.now.advanced(by: .seconds(300))

  init() throws {
    url = try TestDatabase.makeForBilling()
    database = Database(url: url)
    clerk = ClerkDeliverer(url: url)
  }

  private func strings(_ query: Query) throws -> [String] { try database.rows(query, as: String.self, by: soon) }

  private func count(_ table: String) throws -> Int {
    try database.rows("SELECT count(*) FROM \(unsafeSQL: table)", as: Int.self, by: soon)[0]
  }

  // MARK: Effects

  @Test func userEventsUpdateTheContactOfTheTokensAccount() throws {
    #expect(
      try clerk.outcome(of: .user("user_1", "Ada@Example.com", at: 10, type: "user.created"), by: soon) == "applied")
    #expect(
      try strings(
        "SELECT subject || ' ' || email || ' ' || accounts.kind FROM account_identities JOIN accounts USING (account_id)"
      )
        == ["sub https://clerk.example user_1 ada@example.com customer"])
    #expect(try clerk.outcome(of: .user("user_1", "ada@example.org", at: 20), by: soon) == "applied")
    #expect(try clerk.outcome(of: .user("user_1", "ada@example.com", at: 15), by: soon) == "duplicate", "older")
    #expect(try strings("SELECT email FROM accounts") == ["ada@example.org"])
    #expect(try clerk.outcome(of: .user("user_1", nil, at: 30), by: soon) == "applied")
    #expect(try strings("SELECT coalesce(email, 'none') FROM accounts") == ["none"])
    #expect(
      try strings("SELECT actor || ' ' || action || ' ' || details FROM audit_log") == ["clerk account_created user"])
  }

  @Test func organizationAndUserWithTheSameIDAreTwoAccounts() throws {
    try clerk.outcome(of: .organization("x_1", at: 1, type: "organization.created"), by: soon)
    try clerk.outcome(of: .user("x_1", nil, at: 1), by: soon)
    #expect(
      try strings("SELECT subject FROM account_identities ORDER BY 1") == [
        "org https://clerk.example x_1", "sub https://clerk.example x_1",
      ])
    #expect(try count("accounts") == 2)
  }

  @Test func emailDoesNotLinkAccounts() throws {
    let ada = try #require(Email("ada@example.com"))
    let granted = try Accounts(database).grant(.scale, to: ada, by: soon)
    try clerk.outcome(of: .user("user_1", "ada@example.com", at: 1), by: soon)
    #expect(try count("accounts") == 2)
    try clerk.outcome(of: .deleted("user_1"), by: soon)
    #expect(
      try strings("SELECT plan FROM accounts WHERE account_id = \(granted.id) AND erased_at IS NULL") == ["scale"])
  }

  @Test func deletedSubjectStaysDeletedInAnyOrder() throws {
    let creation = ClerkDelivery.user("user_2", "b@example.com", at: 1)
    #expect(try clerk.outcome(of: .deleted("user_1"), by: soon) == "applied", "before its creation")
    #expect(try clerk.outcome(of: .user("user_1", "a@example.com", at: 9), by: soon) == "erased")
    #expect(try clerk.outcome(of: creation, by: soon) == "applied")
    #expect(try clerk.outcome(of: .deleted("user_2"), by: soon) == "applied")
    #expect(try clerk.outcome(of: .user("user_2", "b@example.com", at: 99), by: soon) == "erased")
    #expect(try clerk.outcome(of: .deleted("user_2"), by: soon) == "duplicate")
    #expect(try count("accounts WHERE erased_at IS NOT NULL AND email IS NULL") == 2 && count("accounts") == 2)
    #expect(try count("account_identities WHERE subject LIKE 'erased %'") == 2 && count("account_identities") == 2)
    #expect(try count("audit_log WHERE action = 'account_erased' AND actor = 'clerk'") == 2)
    #expect(try count("jobs WHERE kind = 'account_erasure'") == 2)
  }

  @Test(arguments: [
    "session.created", "organizationMembership.created", "organizationMembership.deleted", "waitlistEntry.updated",
  ])
  func otherEventTypesAreIgnoredAndLogged(type: String) throws {
    #expect(try clerk.outcome(of: ClerkDelivery(id: "msg_1", type: type, data: #"{"id":7}"#), by: soon) == "ignored")
    #expect(
      try strings("SELECT source || ' ' || type || ' ' || outcome FROM webhook_events") == ["clerk \(type) ignored"])
    #expect(try count("accounts") == 0)
  }

  @Test func repeatedEventIDIsADuplicate() throws {
    let event = ClerkDelivery.user("user_1", "a@example.com", at: 1, id: "msg_1")
    #expect(try clerk.outcome(of: event, by: soon) == "applied")
    #expect(try clerk.outcome(of: event, by: soon) == "duplicate")
    #expect(try clerk.outcome(of: .user("user_1", "b@example.com", at: 2, id: "msg_1"), by: soon) == "duplicate")
    #expect(try strings("SELECT email FROM accounts") == ["a@example.com"])
  }

  @Test func fiftyConcurrentDeletionsEraseOnce() async throws {
    let (url, soon) = (url, soon)
    try clerk.outcome(of: .user("user_1", "a@example.com", at: 1), by: soon)
    let event = ClerkDelivery.deleted("user_1", id: "msg_deleted")
    let outcomes = await Threads.run(50) { _ in (try? ClerkDeliverer(url: url).outcome(of: event, by: soon)) ?? "failed"
    }
    #expect(outcomes.count { $0 == "applied" } == 1 && outcomes.count { $0 == "duplicate" } == 49, "\(outcomes)")
    #expect(
      try count("audit_log WHERE action = 'account_erased'") == 1 && count("jobs") == 1 && count("webhook_events") == 2)
  }

  @Test func concurrentUpdatesAndDeletionsLeaveOneErasedAccount() async throws {
    let (url, soon) = (url, soon)
    for round in 0..<10 {
      let name = "user_\(round)"
      _ = await Threads.run(12) { number in
        let event = number.isMultiple(of: 2) ? ClerkDelivery.deleted(name) : .user(name, "a@example.com", at: number)
        return (try? ClerkDeliverer(url: url).outcome(of: event, by: soon)) != nil
      }
    }
    #expect(try count("accounts") == 10 && count("accounts WHERE erased_at IS NOT NULL") == 10)
    #expect(try count("account_identities") == 10)
  }

  // MARK: Tokens of erased accounts

  @Test func tokenOfADeletedUserIsUnauthorizedAndOpensNoAccount() async throws {
    let key = TokenKey("one")
    let keys = "https://clerk.example/jwks.json"
    try database.execute(
      "INSERT INTO token_key_sets VALUES (\(keys), \(String(decoding: TokenKey.set(key), as: UTF8.self)), now(), now())",
      by: soon)
    let settings = try TokenSettings(
      Environment(["JWT_JWKS_URL": keys, "JWT_ISSUER": ClerkDeliverer.issuer, "JWT_AUDIENCE": "here"]))
    let access = Access(database, tokens: settings)
    let router = Router(
      [access.get("/", .read) { Response.json(["id": $0.account.id.uuidString]) }],
      log: Log(threshold: .error) { _ in })
    func status(_ sub: String, _ more: String = "") async -> Int {
      let claims =
        #"""
        {"iss":"\#(ClerkDeliverer.issuer)","aud":"here","sub":"\#(sub)",
        "exp":\#(Int(Date().timeIntervalSince1970) + 100)\#(more)}
        """#
      let event = Event(
        method: "GET", rawPath: "/", headers: ["authorization": "Bearer \(key.token(claims))"], sourceIP: "192.0.2.1")
      return await router.respond(to: event, by: Deadline(after: .seconds(60))).status
    }
    #expect(await status("user_1") == 200)
    #expect(await status("user_2", #","org_id":"org_1""#) == 200)
    for name in ["user_1", "org_1", "user_3"] { try clerk.outcome(of: .deleted(name), by: soon) }
    #expect(await status("user_1") == 401)
    #expect(await status("user_2", #","org_id":"org_1""#) == 401)
    #expect(await status("user_3") == 401, "deleted before its first request")
    #expect(await status("user_2") == 200)
    #expect(try count("accounts") == 4)
  }

  // MARK: Refusals

  private func failure(
    _ body: String, headers: [String: String]? = nil, _ environment: [String: String] = ClerkDeliverer.environment
  ) -> Failure? {
    do {
      _ = try ClerkDeliverer(url: url, environment).outcome(of: body, id: "msg_1", headers: headers, by: soon)
      return nil
    } catch { return error as? Failure ?? Failure(.internal, "\(error)") }
  }

  private let body = ClerkDelivery(id: "msg_1", type: "session.created", data: "{}").body

  private func signed(_ secret: String = "whsec_bmV3", age: Int = 0, family: String = "svix") throws -> [String: String]
  {
    let headers = try StandardWebhook.sign(
      Array(body.utf8), id: "msg_1", timestamp: Int(Date().timeIntervalSince1970.rounded()) - age, secret: secret)
    return Dictionary(uniqueKeysWithValues: headers.map { ($0.key.replacing("webhook", with: family), $0.value) })
  }

  @Test(arguments: ["svix", "webhook"]) func bothHeaderFamiliesAndBothSecretsAreAccepted(family: String) throws {
    for secret in ClerkDeliverer.secrets { #expect(failure(body, headers: try signed(secret, family: family)) == nil) }
  }

  @Test(arguments: [(297, true), (302, false), (-297, true), (-302, false)])
  func signatureExpiresAfterFiveMinutes(age: Int, isGood: Bool) throws {
    #expect((failure(body, headers: try signed(age: age)) == nil) == isGood)
  }

  @Test func invalidSignatureIsRefusedAndStoresNothing() throws {
    #expect(failure(body, headers: [:])?.code == .invalidRequest)
    #expect(failure(body, headers: try signed("whsec_b3RoZXI="))?.code == .invalidRequest)
    #expect(failure(body + " ", headers: try signed())?.code == .invalidRequest)
    var other = try signed()
    other["svix-id"] = "msg_2"
    #expect(failure(body, headers: other)?.code == .invalidRequest)
    #expect(try count("webhook_events") == 0)
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"type":7,"data":{}}"#, #"{"type":"","data":{}}"#, #"{"type":"user.deleted"}"#,
    #"{"type":"user.deleted","data":{}}"#,
    #"{"type":"user.deleted","data":{"id":7}}"#, #"{"type":"user.deleted","data":{"id":""}}"#,
    #"{"type":"user.deleted","data":{"id":"a\u0000"}}"#,
    #"{"type":"user.deleted","data":{"id":"user_1","deleted":false}}"#,
    #"{"type":"user.updated","data":{"id":"u","updated_at":"x"}}"#,
    #"{"type":"user.updated","data":{"id":"u","email_addresses":[{"email_address":["ada@example.com"]}]}}"#,
  ])
  func invalidBodyIsRefusedAndStoresNothing(body: String) throws {
    let refusal = failure(body)
    #expect(refusal?.code == .invalidRequest, "\(String(describing: refusal))")
    #expect(refusal.map { !"\($0)".contains("ada@") } == true)
    #expect(try count("webhook_events") == 0 && count("accounts") == 0)
  }

  @Test(arguments: ["CLERK_WEBHOOK_SECRET", "JWT_ISSUER"]) func missingSettingIsUnavailableAndNamed(setting: String) {
    var environment = ClerkDeliverer.environment
    environment[setting] = nil
    let refusal = failure(body, environment)
    #expect(refusal?.code == .unavailable && refusal?.details["setting"] == setting)
  }

  @Test(arguments: ["whsec_", "whsec_!", "whsec_b2xk,whsec_!"]) func invalidSecretIsUnavailableAndNamed(secret: String)
  {
    let refusal = failure(body, ClerkDeliverer.environment.merging(["CLERK_WEBHOOK_SECRET": secret]) { $1 })
    #expect(refusal?.code == .unavailable && refusal?.details["setting"] == "CLERK_WEBHOOK_SECRET")
  }

  @Test func unreachableDatabaseIsUnavailable() throws {
    let clerk = ClerkDeliverer(url: "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")
    #expect { try clerk.outcome(of: .deleted("user_1"), by: soon) } throws: {
      ($0 as? any FailureConvertible)?.failure.code == .unavailable
    }
  }
}
