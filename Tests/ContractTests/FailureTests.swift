import Contract
import Testing

/// Codes of failures, and the responses that report them.
@Suite struct FailureTests {
  /// The statuses in the contract. Clients rely on them, so they are repeated here.
  static let statuses: [(Failure.Code, Int)] = [
    (.invalidRequest, 400), (.unauthorized, 401), (.paymentRequired, 402), (.forbidden, 403), (.notFound, 404),
    (.conflict, 409), (.rateLimited, 429), (.quotaExceeded, 429), (.internal, 500), (.upstreamFailed, 502),
    (.unavailable, 503),
    (.deadlineExceeded, 504),
  ]

  @Test func tableContainsEveryCode() { #expect(Set(Self.statuses.map(\.0)) == Set(Failure.Code.allCases)) }

  @Test(arguments: statuses)
  func failureIsReportedWithCodeStatusAndRequestID(code: Failure.Code, status: Int) async throws {
    let router = Router(
      [Operation("GET", "/fails") { _ in throw Failure(code, "words", details: ["field": "f"]) }], log: .silent)
    let response = await router.respond(to: Event(method: "GET", rawPath: "/fails", requestID: "r1"), by: .later)
    let body = try JSON.decode(FailureBody.self, from: response.bytes)
    #expect(response.status == status)
    #expect(body.error == .init(code: code.rawValue, message: "words", details: ["field": "f"], requestId: "r1"))
    #expect(response.headers["x-request-id"] == "r1")
    #expect((response.headers["retry-after"] != nil) == [.rateLimited, .quotaExceeded, .unavailable].contains(code))
  }

  @Test func otherErrorIsInternalAndItsDescriptionIsHidden() async throws {
    struct Leak: Error { let password = "hunter2" }
    let router = Router([Operation("GET", "/") { _ in throw Leak() }], log: .silent)
    let response = await router.respond(to: Event(method: "GET", rawPath: "/"), by: .later)
    #expect(response.status == 500)
    #expect(!String(decoding: response.bytes, as: UTF8.self).contains("hunter2"))
  }

  @Test func requestAfterItsDeadlineIsNotPerformed() async throws {
    let router = Router([Operation("GET", "/") { _ in Response(status: 200) }], log: .silent)
    let response = await router.respond(to: Event(method: "GET", rawPath: "/"), by: Deadline(after: .zero))
    #expect(response.status == 504)
  }

  @Test func secretPrintsAsRedacted() {
    let secret = Secret("hunter2")
    #expect("\(secret)" == "redacted")
    #expect(String(reflecting: secret) == "redacted")
    var dumped = ""
    dump(secret, to: &dumped)
    #expect(!dumped.contains("hunter2"))
  }
}

struct FailureBody: Decodable {
  struct Inner: Decodable, Equatable {
    let code: String
    let message: String
    let details: [String: String]
    let requestId: String
  }
  let error: Inner
}

extension Log {
  static let silent = Log(threshold: .error) { _ in }
}

extension Deadline {
  static var later: Deadline { Deadline(after: .seconds(60)) }
}
