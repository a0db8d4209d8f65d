import Access
import Accounts
import Contract
import Documents
import Fetch
import FoundationEssentials
import LLMSText
import Limits
import Metering
import Postgres
import SiteAnalysis
import Support
import Testing
import Usage

/// Attempts over HTTP to read data of other accounts, to spend their quota, and to evade limits.
@Suite struct AttackTests {
  private static let victim = "198.51.100.1", stranger = "203.0.113.5"
  private static let tokenKey = TokenKey("one")
  private let database: Database
  private let accounts: Accounts
  private let router: Router
  private let soon = ContinuousClock.now.advanced(by: .seconds(300))

  init() throws {
    database = Database(
      url: try TestDatabase.make(
        Accounts.migrations + Limits.migrations + Metering.migrations + SiteAnalysis.migrations + Documents.migrations))
    let url = "https://issuer.example/jwks.json"
    let tokens = try TokenSettings(
      Environment(["JWT_JWKS_URL": url, "JWT_ISSUER": "https://issuer.example", "JWT_AUDIENCE": "here"]))
    accounts = Accounts(database)
    let keySet = String(decoding: TokenKey.set(Self.tokenKey), as: UTF8.self)
    try database.execute("INSERT INTO token_key_sets VALUES (\(url), \(keySet), now(), now())", by: soon)
    let site = StubSite(
      pages: [
        "/": StubSite.page("Site", links: [("A", "/a")]),
        "/a": StubSite.page("About a", description: "All about a and its kind"),
      ],
      others: ["/gone": FetchResponse(status: 500)])
    let access = Access(database, tokens: tokens)
    let analysis = SiteAnalysis(access, reader: SiteReader(database, fetcher: site.fetcher, agent: "x"))
    let documents = Documents(access)
    let text = LLMSText(analysis)
    let usage = Usage(access, meters: Metering.feature.meters)
    router = Router(
      [
        analysis.analyze(), analysis.readAnalysis,
        documents.generate(default: "llms_txt", [text.llmsText, text.llmsFullText]), documents.readDocument,
        documents.readContent, usage.current, usage.history,
      ], log: .silent)
  }

  private func send(
    _ method: String, _ path: String, _ body: String = "", query: String = "", credential: String? = nil,
    key: String? = nil,
    address: String = stranger, headers: [String: String] = [:]
  ) async -> Response {
    var headers = headers
    headers["authorization"] = credential.map { "Bearer \($0)" }
    headers["idempotency-key"] = key
    let event = Event(
      method: method, rawPath: path, rawQueryString: query, headers: headers, body: Array(body.utf8), sourceIP: address)
    return await router.respond(to: event, by: Deadline(after: .seconds(120)))
  }

  private func id(_ response: Response) throws -> String {
    struct Made: Decodable { let id: String }
    return try JSON.decode(Made.self, from: response.bytes).id
  }

  private func text(_ response: Response) -> String { String(decoding: response.bytes, as: UTF8.self) }

  private func site(_ email: String? = nil, path: String = "/", more: String = "") -> String {
    #"{"url":"https://site.example\#(path)"\#(email.map { #","email":"\#($0)""# } ?? "")\#(more)}"#
  }

  private func makeKey(_ plan: Plan = .coffee, _ email: String = "victim@example.com") throws -> String {
    _ = try accounts.grant(plan, to: Email(email)!, by: soon)
    return try accounts.makeKey(for: Email(email)!, by: soon).text
  }

  // MARK: Another person's email

  @Test func emailOfAVictimDoesNotReturnTheirStoredReport() async throws {
    let theirs = try id(await send("POST", "/analyze", site("victim@example.com"), address: Self.victim))
    let got = await send("POST", "/analyze", site("victim@example.com"))
    #expect(try id(got) != theirs)
    #expect(got.headers["ratelimit-remaining"] == "0", "the analysis counts for the stranger")
    let document = await send("POST", "/generate", site("victim@example.com"))
    #expect(!text(document).contains(theirs))
  }

  @Test func emailOfAVictimDoesNotShowTheirHistory() async throws {
    _ = await send("POST", "/analyze", site("victim@example.com"), address: Self.victim)
    #expect(text(await send("GET", "/usage/history", query: "email=victim@example.com")) == #"{"days":[]}"#)
    #expect(text(await send("GET", "/usage", query: "email=victim@example.com")).contains(#""analyses":0"#))
  }

  @Test func emailOfAVictimDoesNotUseTheirQuota() async throws {
    #expect(await send("POST", "/analyze", site("victim@example.com")).status == 200)
    #expect(await send("POST", "/analyze", site("victim@example.com", more: #","force":true"#)).status == 429)
    #expect(await send("POST", "/analyze", site("victim@example.com"), address: Self.victim).status == 200)
  }

  @Test func emailOfAPayingCustomerGivesNoAccessToTheirAccount() async throws {
    let key = try makeKey(.scale)
    let theirs = try id(await send("POST", "/analyze", site(), credential: key))
    #expect(try id(await send("POST", "/analyze", site("victim@example.com"))) != theirs)
    #expect(await send("GET", "/analyze/\(theirs)").status == 404)
    #expect(await send("POST", "/generate", #"{"analysisId":"\#(theirs)","email":"victim@example.com"}"#).status == 404)
    #expect(text(await send("GET", "/usage", query: "email=victim@example.com")).contains(#""plan":"free""#))
  }

  // MARK: Another account's key

  @Test func idempotencyKeyOfAnotherAccountDoesNotReturnItsResource() async throws {
    let key = try makeKey()
    let others = try makeKey(.coffee, "eve@example.com")
    for path in ["/analyze", "/generate"] {
      let theirs = try id(await send("POST", path, site(), credential: key, key: "for-\(path)"))
      #expect(try id(await send("POST", path, site(), credential: key, key: "for-\(path)")) == theirs)
      #expect(try id(await send("POST", path, site(), credential: others, key: "for-\(path)")) != theirs)
      #expect(!text(await send("POST", path, site(), key: "for-\(path)")).contains(theirs))
    }
  }

  @Test(arguments: ["revoked_at", "expires_at"])
  func endedKeyIsUnauthorizedEvenWithAUsedIdempotencyKey(column: String) async throws {
    let key = try makeKey()
    let made = try [
      "/analyze": id(await send("POST", "/analyze", site(), credential: key, key: "/analyze")),
      "/generate": id(await send("POST", "/generate", site(), credential: key, key: "/generate")),
    ]
    try database.execute("UPDATE credentials SET \(unsafeSQL: column) = now()", by: soon)
    for (path, id) in made {
      let answer = await send("POST", path, site(), credential: key, key: path)
      #expect(answer.status == 401 && !text(answer).contains(id))
      #expect(await send("GET", "\(path)/\(id)", credential: key).status == 401)
    }
    #expect(await send("GET", "/usage", credential: key).status == 401)
    #expect(await send("GET", "/usage/history", credential: key).status == 401)
  }

  /// Tokens without the issuer's signature (RFC 8725, section 2.1).
  @Test func unsignedTokenAndTokenWithAnotherAlgorithmAreUnauthorized() async throws {
    let end = Int(Date.now.timeIntervalSince1970) + 100
    let claims = #"{"iss":"https://issuer.example","aud":"here","sub":"victim","exp":\#(end)}"#
    let good = Self.tokenKey.token(claims)
    #expect(await send("GET", "/usage", credential: good).status == 200)
    let none = TokenKey.unsigned(claims, header: #"{"alg":"none","kid":"one"}"#)
    let hmac = TokenKey.unsigned(claims, header: #"{"alg":"HS256","kid":"one"}"#)
    var forged = ["\(none).", "\(none).AAAA"]
    // An implementation with algorithm confusion would use the public key as the secret, in one of these forms.
    for secret in [Self.tokenKey.modulus, Array(Self.tokenKey.pem.utf8), Array(Self.tokenKey.jwk.utf8)] {
      forged.append("\(hmac).\(TokenKey.base64URL(TokenKey.hmacSHA256(Array(hmac.utf8), key: secret)))")
    }
    for token in forged { #expect(await send("GET", "/usage", credential: token).status == 401) }
  }

  // MARK: Many addresses and networks

  @Test func forwardedHeadersDoNotChangeTheNetwork() async {
    for number in 0..<10 {
      let answer = await send(
        "POST", "/analyze", site("a\(number)@example.com"),
        headers: ["x-forwarded-for": "192.0.2.\(number)", "forwarded": "for=192.0.2.\(number)"])
      #expect(answer.status == 200)
    }
    let refused = await send(
      "POST", "/analyze", site("b@example.com"), headers: ["x-forwarded-for": "192.0.2.77", "x-real-ip": "192.0.2.77"])
    #expect(refused.status == 429 && text(refused).contains("free_analyses_of_address"))
  }

  @Test func networkHasTenFreeAnalysesADay() async {
    for number in 0..<10 {
      #expect(
        await send("POST", "/analyze", site("a\(number)@example.com"), address: "2001:db8:1:2::\(number)").status == 200
      )
    }
    let refused = await send("POST", "/analyze", site("b@example.com"), address: "2001:db8:1:2:ffff::1")
    #expect(refused.status == 429 && text(refused).contains("quota_exceeded"))
    #expect(
      refused.headers["ratelimit-remaining"] == "0"
        && refused.headers["ratelimit-reset"] == refused.headers["retry-after"])
    #expect(await send("POST", "/analyze", site("b@example.com"), address: "2001:db8:1:3::1").status == 200)
    #expect(
      await send("POST", "/analyze", site(), credential: (try? makeKey()) ?? "", address: "2001:db8:1:2::1").status
        == 200, "a paying customer is not limited by the network")
  }

  // MARK: Failures

  @Test func failedAnalysisIsNotCounted() async throws {
    for _ in 0..<3 { #expect(await send("POST", "/analyze", site("ada@example.com", path: "/gone")).status == 502) }
    #expect(await send("POST", "/generate", site("ada@example.com", path: "/gone")).status == 502)
    let used = try database.rows("SELECT coalesce(sum(used), 0)::bigint FROM meter_days", as: Int.self, by: soon)
    #expect(used == [0])
    #expect(text(await send("GET", "/usage", query: "email=ada@example.com")).contains(#""remaining":1"#))
    #expect(await send("POST", "/analyze", site("ada@example.com")).headers["ratelimit-remaining"] == "0")
    #expect(try database.rows("SELECT used FROM meter_days ORDER BY meter", as: Int.self, by: soon) == [1, 1])
  }

  @Test func refusedAnalysisIsNotCountedForTheNetwork() async throws {
    _ = await send("POST", "/analyze", site("ada@example.com"))
    for _ in 0..<3 {
      #expect(await send("POST", "/analyze", site("ada@example.com", more: #","force":true"#)).status == 429)
    }
    #expect(
      try database.rows("SELECT used FROM meter_days WHERE meter = 'free_analyses_of_address'", as: Int.self, by: soon)
        == [1])
  }

  @Test func documentsAreCountedByKind() async throws {
    let key = try makeKey()
    for kind in ["llms_txt", "llms_full_txt", "llms_txt"] {
      #expect(await send("POST", "/generate", site(more: #","kind":"\#(kind)""#), credential: key).status == 201)
    }
    let history = text(await send("GET", "/usage/history", credential: key))
    #expect(history.contains(#"{"count":1,"day":"#) && history.contains(#""operation":"documents_llms_full_txt""#))
    #expect(
      try database.rows("SELECT meter || ' ' || used FROM meter_days ORDER BY 1", as: String.self, by: soon)
        == ["analyses 1", "documents_llms_full_txt 1", "documents_llms_txt 2"])
  }

  /// No route treats a wrong credential as a missing one.
  @Test(arguments: [
    ("POST", "/analyze"), ("GET", "/analyze/x"), ("POST", "/generate"), ("GET", "/generate/x"),
    ("GET", "/generate/x/content"), ("GET", "/usage"),
    ("GET", "/usage/history"),
  ])
  func wrongCredentialsAreUnauthorizedAndThenRateLimited(method: String, path: String) async {
    var statuses: [Int] = []
    for number in 0..<25 { statuses.append(await send(method, path, "{}", credential: "llmtxt_\(number)").status) }
    #expect(statuses == Array(repeating: 401, count: 10) + Array(repeating: 429, count: 15))
  }
}
