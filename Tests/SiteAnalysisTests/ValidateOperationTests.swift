import Contract
import Postgres
import Support
import Testing
import Validation

@testable import SiteAnalysis

/// `POST /analyze` with `kind: "llms_txt"`.
struct ValidateOperationTests {
  private let database: Database

  init() throws {
    database = try TestDatabase.forAnalyses()
  }

  private struct Answer: Decodable {
    let kind: String
    let status: String
    let score: Int
    let url: String?
  }

  private func post(_ site: StubSite, _ body: String, headers: [String: String] = [:]) async -> Response {
    let event = Event(
      method: "POST", rawPath: "/analyze", headers: headers, body: Array(body.utf8), sourceIP: "192.0.2.1")
    return await Router.analyses(database, site.fetcher).respond(to: event, by: Deadline(after: .seconds(120)))
  }

  @Test func urlIsValidated() async throws {
    let site = StubSite(others: ["/llms.txt": StubSite.text("# T\n\n* [a](/a) - b\n")])
    let response = await post(site, #"{"kind":"llms_txt","url":"site.example"}"#)
    #expect(response.status == 200)
    let answer = try JSON.decode(Answer.self, from: response.bytes)
    #expect(answer.kind == "llms_txt")
    #expect(answer.status == "completed")
    #expect(answer.url == "https://site.example/llms.txt")
    #expect(answer.score < 70)
  }

  @Test func textIsValidated() async throws {
    let response = await post(StubSite(), ##"{"kind":"llms_txt","content":"# T\n\ntext\n","url":null}"##)
    #expect(response.status == 200)
    #expect(try JSON.decode(Answer.self, from: response.bytes).url == nil)
  }

  @Test(arguments: [
    (#"{"kind":"llms_txt"}"#, "url"), (#"{"kind":"llms_txt","url":"https://site.example","content":"x"}"#, "content"),
    (#"{"kind":"llms_txt","content":7}"#, "content"),
    (#"{"kind":"llms_txt","url":"nonsense"}"#, "url"), (#"{"kind":"llms_txt","url":7}"#, "url"),
    (#"{"kind":"llms_txt","content":"x","email":"me"}"#, "email"),
    (#"{"kind":"visibility","brand":"x"}"#, "kind"), (#"{"kind":"LLMS_TXT","content":"x"}"#, "kind"),
    (#"{"kind":7,"content":"x"}"#, "kind"),
    (
      #"{"kind":"llms_txt","content":"\#(String(repeating: "x", count: ValidationRequest.maximumContent + 1))"}"#,
      "content"
    ),
  ])
  func invalidFieldIsNamedInTheError(body: String, field: String) async {
    let response = await post(StubSite(), body)
    #expect(response.status == 400)
    #expect(
      String(decoding: response.bytes, as: UTF8.self).contains(#""field":"\#(field)""#),
      "\(String(decoding: response.bytes, as: UTF8.self))")
  }

  @Test func unknownCredentialIsRejected() async {
    #expect(
      await post(StubSite(), #"{"kind":"llms_txt","content":"x"}"#, headers: ["authorization": "Bearer llmtxt_0000"])
        .status == 401)
  }
}
