import Contract
import Fetch
import Support
import Synchronization
import Testing
import Web

@testable import Crawling

/// Headers that only one origin receives.
struct SiteHeadersTests {
  /// Records the headers of each request, and redirects `/away` to another origin.
  private final class Recorder: Sendable {
    let requests = Mutex<[(url: String, headers: [String: String])]>([])

    var fetcher: Fetcher {
      Fetcher { [self] (request: FetchRequest) async throws(FetchError) -> FetchResponse in
        requests.withLock { $0.append((request.url, request.headers)) }
        return request.url.hasSuffix("/away")
          ? StubSite.redirect(to: "https://other.example/") : FetchResponse(status: 200)
      }
    }
  }

  private static func headers(_ lines: String...) throws -> SiteHeaders {
    let text = ([StubSite.origin] + lines).joined(separator: "\n")
    return try #require(try SiteHeaders(Environment(["FETCH_HEADERS": text])))
  }

  @Test(arguments: [
    (StubSite.origin + "/a?b", true), ("http://site.example/", false), ("https://site.example:8443/", false),
    ("https://www.site.example/", false), ("https://site.example.other.example/", false),
    ("https://other.example/", false),
  ])
  func onlyTheOriginReceivesTheHeaders(url: String, isSent: Bool) async throws {
    let recorder = Recorder()
    let fetcher = recorder.fetcher.sending(try Self.headers("Authorization: Basic x", "X-Preview:  1"))
    _ = try await fetcher.fetch(FetchRequest(url, headers: ["accept": "text/html"]))
    let sent = recorder.requests.withLock { $0[0].headers }
    #expect(sent["accept"] == "text/html")
    #expect(sent["authorization"] == (isSent ? "Basic x" : nil) && sent["x-preview"] == (isSent ? "1" : nil))
  }

  @Test func targetOfARedirectDoesNotReceiveTheHeaders() async throws {
    let recorder = Recorder()
    let client = SiteClient(
      fetcher: recorder.fetcher.sending(try Self.headers("Cookie: a=1")), robots: .allowingAll, agent: "x",
      deadline: Deadline(after: .seconds(60)))
    _ = try await client.get(NormalizedURL(StubSite.origin + "/away"))
    #expect(
      recorder.requests.withLock { $0.map { "\($0.url) \($0.headers["cookie"] ?? "-")" } }
        == [StubSite.origin + "/away a=1", "https://other.example/ -"])
  }

  @Test func configuredServicesDoNotReceiveTheHeaders() async throws {
    let recorder = Recorder()
    let fetcher = recorder.fetcher.sending(try Self.headers("Cookie: a=1"))
    _ = try await fetcher.fetch(FetchRequest(StubSite.origin + "/", kind: .configured))
    #expect(recorder.requests.withLock { $0[0].headers.isEmpty })
  }

  @Test(arguments: [
    "Cookie: hush", "https://site.example", "https://site.example\nhush", "https://site.example\nbad name: hush",
    "https://site.example\nCookie:", "https://site.example\nCookie: hush\u{1}", "site.example\nCookie: hush",
  ])
  func malformedSettingIsNamedWithoutItsValue(text: String) {
    let failure = #expect(throws: Failure.self) { try SiteHeaders(Environment(["FETCH_HEADERS": text])) }
    #expect(failure?.details == ["setting": "FETCH_HEADERS"])
    #expect(failure?.message.contains("hush") == false)
  }

  @Test func settingIsWrittenAndRead() throws {
    let headers = try Self.headers("Cookie: a=1; b=2", "X: y: z")
    #expect(headers.setting == "\(StubSite.origin)\ncookie: a=1; b=2\nx: y: z")
    #expect(SiteHeaders(setting: headers.setting)?.setting == headers.setting)
  }
}
