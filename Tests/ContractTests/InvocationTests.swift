import Contract
import Testing

/// The kinds of input of a function, and invalid input.
@Suite struct InvocationTests {
  private struct Body: Codable, Equatable {
    let name: String
    let count: Int?
  }

  private struct Echo: Codable, Equatable {
    let name: String
    let isOperator: Bool
    let key: String?
  }

  private static let router = Router(
    [
      Operation("POST", "/things") { request in
        let body = try JSON.decodeInput(Body.self, from: request.event.body, what: "the body")
        if body.name == "refused" { throw Failure(.forbidden, "no") }
        return Response.json(
          Echo(name: body.name, isOperator: request.event.isOperator, key: request.event.headers["idempotency-key"]),
          status: 201)
      },
      Operation("GET", "/things/{id}") { Response.text($0.parameters["id"]!, mediaType: "text/plain") },
    ], log: .silent)

  private func answer(_ input: [UInt8]) async throws -> Response {
    try JSON.decode(Response.self, from: await Invocation.answer(to: input, Self.router, .later))
  }

  private func answer(_ input: String) async throws -> Response { try await answer(Array(input.utf8)) }

  // MARK: Kinds of input

  @Test func eventIsRoutedByMethodAndPath() async throws {
    let response = try await answer(
      #"{"version":"2.0","rawPath":"/things/7","requestContext":{"http":{"method":"get"}}}"#)
    #expect(response.status == 200)
    #expect(response.bytes == Array("7".utf8))
  }

  @Test func bareObjectIsSentByTheOperatorToTheFirstPostRoute() async throws {
    let echo = try JSON.decode(Echo.self, from: try await answer(#"{"name":"n"}"#).bytes)
    #expect(echo == Echo(name: "n", isOperator: true, key: nil))
  }

  @Test func eventIsNeverSentByTheOperator() async throws {
    let response = try await answer(
      #"{"requestContext":{"http":{"method":"POST"},"isOperator":true},"isOperator":true,"rawPath":"/things","body":"{\"name\":\"n\"}"}"#
    )
    #expect(try JSON.decode(Echo.self, from: response.bytes).isOperator == false)
  }

  @Test func base64BodyIsDecodedAndHeaderNamesAreLowercased() async throws {
    let response = try await answer(
      #"{"version":"2.0","headers":{"Idempotency-KEY":"k"},"rawPath":"/things","isBase64Encoded":true,"body":"eyJuYW1lIjoibiJ9","requestContext":{"http":{"method":"POST"}}}"#
    )
    #expect(try JSON.decode(Echo.self, from: response.bytes) == Echo(name: "n", isOperator: false, key: "k"))
  }

  @Test func batchReportsFailedMessagesAndTheirIDsAreIdempotencyKeys() async throws {
    let batch = #"""
      {"Records":[
        {"messageId":"good","body":"{\"name\":\"n\"}"},
        {"messageId":"refused","body":"{\"name\":\"refused\"}"},
        {"messageId":"garbled","body":"{"},
        {"messageId":"nested","body":"{\"Records\":[]}"}]}
      """#
    let reply = await Invocation.answer(to: Array(batch.utf8), Self.router, .later)
    #expect(
      String(decoding: reply, as: UTF8.self)
        == #"{"batchItemFailures":[{"itemIdentifier":"refused"},{"itemIdentifier":"garbled"},{"itemIdentifier":"nested"}]}"#
    )
  }

  // MARK: Bad input

  static let invalidInputs: [(String, [UInt8])] = [
    ("nothing", []), ("white space", Array(" \n\t".utf8)), ("not JSON", Array("hello".utf8)),
    ("an array", Array("[1]".utf8)),
    ("a string", Array("\"x\"".utf8)), ("null", Array("null".utf8)), ("cut off", Array(#"{"name":"#.utf8)),
    ("invalid UTF-8", Array(#"{"name":""#.utf8) + [0xff, 0xfe] + Array("\"}".utf8)),
    ("NUL bytes", Array("{\"name\":\"a\u{0}b\"}".utf8)), ("UTF-16", Array(#"{"name":"n"}"#.utf8).flatMap { [$0, 0] }),
    ("depth 100,000", Array(repeating: UInt8(ascii: "["), count: 100_000)),
    ("objects 100,000 deep", Array(repeatElement(Array(#"{"a":"#.utf8), count: 100_000).joined())),
    (
      "an event of wrong types",
      Array(#"{"version":"2.0","rawPath":7,"requestContext":{"http":{"method":"GET"}}}"#.utf8)
    ),
    ("an event without method", Array(#"{"version":"2.0","rawPath":"/","requestContext":{}}"#.utf8)),
    (
      "malformed base64",
      Array(
        #"{"version":"2.0","rawPath":"/","isBase64Encoded":true,"body":"*","requestContext":{"http":{"method":"GET"}}}"#
          .utf8)
    ),
    ("a body of wrong types", Array(#"{"name":7}"#.utf8)), ("a body without its field", Array("{}".utf8)),
    ("records of wrong type", Array(#"{"Records":{}}"#.utf8)),
  ]

  @Test(arguments: invalidInputs)
  func malformedInputIsInvalidRequest(name: String, input: [UInt8]) async throws {
    let response = try await answer(input)
    #expect(response.status == 400)
    #expect(try JSON.decode(FailureBody.self, from: response.bytes).error.code == "invalid_request")
    #expect(response.headers["x-request-id"] != nil)
  }

  @Test func inputOverTheLimitIsInvalidRequest() async throws {
    let reply = await Invocation.answer(to: nil, Self.router, .later)
    #expect(try JSON.decode(Response.self, from: reply).status == 400)
  }

  @Test(arguments: [
    (#"{"count":1}"#, "name", "the body lacks the field name"),
    (#"{"name":7}"#, "name", "name in the body must be a string"),
    (#"{"name":"n","count":"x"}"#, "count", "count in the body must be a whole number"),
  ])
  func invalidFieldIsNamed(body: String, field: String, message: String) async throws {
    let error = try JSON.decode(FailureBody.self, from: try await answer(body).bytes).error
    #expect(error.details == ["field": field])
    #expect(error.message == message)
  }

  @Test func requestIDWithALineBreakIsReplaced() async throws {
    let response = try await answer(
      #"{"version":"2.0","rawPath":"/things/7","requestContext":{"requestId":"a\r\nx: y","http":{"method":"GET"}}}"#)
    #expect(response.headers["x-request-id"].map { !$0.contains("\r") && $0.count == 36 } == true)
  }

  @Test func responseIsOneLine() async throws {
    let reply = await Invocation.answer(to: Array(#"{"name":"a\nb"}"#.utf8), Self.router, .later)
    #expect(!reply.contains(0x0a))
  }
}
