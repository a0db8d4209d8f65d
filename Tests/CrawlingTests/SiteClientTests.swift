import Contract
import Fetch
import Support
import Synchronization
import Testing
import Web

@testable import Crawling

/// The politeness of ``SiteClient``, and the spelling of ``SkipReason``.
struct SiteClientTests {
  private let home = try! NormalizedURL(StubSite.origin + "/")

  private func client(_ site: StubSite, robots: String = "", pace: HostPace = HostPace()) -> SiteClient {
    SiteClient(
      fetcher: site.fetcher, robots: RobotsFile(Array(robots.utf8)), agent: "x",
      deadline: Deadline(after: .seconds(30)),
      pace: pace)
  }

  private func reason(_ outcome: SiteClient.Outcome) -> SkipReason? {
    if case .skipped(let reason, _) = outcome { reason } else { nil }
  }

  @Test func disallowedURLIsNotRequested() async throws {
    let site = StubSite(others: ["/a": StubSite.text("a")])
    let client = client(site, robots: "User-agent: *\nDisallow: /a")
    #expect(reason(try await client.get(home.at(path: "/a"))) == .robots)
    #expect(site.requests.isEmpty)
  }

  @Test func disallowedTargetOfARedirectIsNotRequested() async throws {
    let site = StubSite(others: ["/a": StubSite.redirect(to: "/b"), "/b": StubSite.text("b")])
    let client = client(site, robots: "User-agent: *\nDisallow: /b")
    #expect(reason(try await client.get(home.at(path: "/a"))) == .robots)
    #expect(site.requests == ["/a"])
    let policy = RequestPolicy(robots: .firstRequest)
    #expect(reason(try await client.get(home.at(path: "/a"), policy)) == nil)
    #expect(site.requests == ["/a", "/a", "/b"])
  }

  @Test func redirectsEndAfterFive() async throws {
    var others: [String: FetchResponse] = ["/6": StubSite.text("end")]
    for step in 0..<6 { others["/\(step)"] = StubSite.redirect(to: "/\(step + 1)") }
    let client = client(StubSite(others: others))
    #expect(reason(try await client.get(home.at(path: "/1"))) == nil)
    #expect(reason(try await client.get(home.at(path: "/0"))) == .redirectLoop)
  }

  @Test func redirectWithoutTargetOrToAnExcludedURLEnds() async throws {
    let site = StubSite(others: ["/a": FetchResponse(status: 302), "/b": StubSite.redirect(to: "/c")])
    let client = client(site)
    #expect(reason(try await client.get(home.at(path: "/a"))) == .badRedirect)
    #expect(reason(try await client.get(home.at(path: "/b"), except: [home.at(path: "/c")])) == .redirect)
  }

  @Test func siteThatAsksForAPauseGetsOneRequestAtATime() async throws {
    let client = client(StubSite(), pace: HostPace(interval: .milliseconds(50)))
    #expect(client.concurrency() == 1 && client.concurrency(4) == 1)
    #expect(self.client(StubSite()).concurrency() == 8 && self.client(StubSite()).concurrency(4) == 4)
    let start = ContinuousClock.now
    for _ in 0..<2 { _ = try await client.get(home) }
    #expect(start.duration(to: .now) >= .milliseconds(99))
  }

  // MARK: Skip reasons

  @Test(arguments: [
    ("http_404", SkipReason.http(404)), ("soft_404", .softNotFound), ("timed_out", .fetch(.timedOut)),
    ("forbidden_address", .fetch(.forbiddenAddress)), ("robots_unreachable", .robotsUnreachable),
    ("not_a_sitemap", .notASitemap), ("needs_javascript", .needsJavaScript), ("http_x", .other("http_x")),
  ])
  func skipReasonHasItsSpelling(text: String, reason: SkipReason) throws {
    #expect(SkipReason(rawValue: text) == reason)
    #expect(reason.rawValue == text)
    #expect(try JSON.encode([reason]) == Array("[\"\(text)\"]".utf8))
    #expect(try JSON.decode([SkipReason].self, from: Array("[\"\(text)\"]".utf8)) == [reason])
  }
}
