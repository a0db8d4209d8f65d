import Contract
import FoundationEssentials
import Postgres
import Support
import Testing

/// The command `local-runner llms`: sources, filters, credentials, outputs, messages and exit statuses.
@Suite(.serialized)
final class LLMSCommandTests {
  private let database: String
  private let folder = "/tmp/llmtxt-llms-\(UUID().uuidString)"

  init() async throws {
    database = try TestDatabase.make()
    let outcome = try await Command(
      Products.path(of: "local-runner"), ["database", "migrate"], environment: ["DATABASE_URL": database]
    ).run()
    guard outcome.status == 0 else { throw Command.Failed(description: outcome.error) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func llms(_ arguments: String..., environment: [String: String] = [:]) async throws -> Command.Outcome {
    try await command(["llms"] + arguments, environment).run()
  }

  private func command(_ arguments: [String], _ environment: [String: String] = [:]) -> Command {
    Command(
      Products.path(of: "local-runner"), arguments, environment: ["DATABASE_URL": database].merging(environment) { $1 })
  }

  /// Runs `llms` in a shell, for redirections.
  private func shell(_ line: String) async throws -> Command.Outcome {
    try await Command(
      "bash", ["-c", line], environment: ["DATABASE_URL": database, "LR": Products.path(of: "local-runner")]
    ).run()
  }

  // MARK: Folders

  /// Writes a built site of three pages with navigation by absolute paths.
  ///
  /// - Parameters:
  ///   - prefix: the path in its links before the path of the page.
  ///   - canonical: the beginning of its canonical links; nil for none.
  private func makeSite(prefix: String = "/", canonical: String? = nil) throws -> String {
    let site = "\(folder)/site"
    let pages = [("", "Harbour"), ("start/", "First steps"), ("prices.html", "Prices")]
    for (path, title) in pages {
      let head = canonical.map { #"<link rel="canonical" href="\#($0)\#(path)">"# } ?? ""
      let html = StubSite.page(
        title, description: "\(title) of the harbour office, for crews and agents",
        links: pages.map { ($0.1, prefix + $0.0) }, head: head)
      let file = "\(site)/\(path.isEmpty || path.hasSuffix("/") ? path + "index.html" : path)"
      try FileManager.default.createDirectory(
        atPath: String(file[..<file.lastIndex(of: "/")!]), withIntermediateDirectories: true)
      try Data(html.utf8).write(to: URL(filePath: file))
    }
    return site
  }

  @Test func linksOfAFolderHaveTheBaseURL() async throws {
    // Built for the root, or for the folder.
    for prefix in ["/", "/guide/"] {
      let site = try makeSite(prefix: prefix)
      for base in ["https://docs.harbour.example/guide/", "docs.harbour.example/guide"] {
        let outcome = try await llms(site, "--base-url", base)
        #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
        #expect(outcome.output.contains("](https://docs.harbour.example/guide/start/)"), "\(outcome.output)")
        #expect(outcome.output.contains("](https://docs.harbour.example/guide/prices.html)"))
        #expect(!outcome.output.contains("127.0.0.1"))
      }
      let full = try await llms(site + "/", "--base-url", "https://docs.harbour.example/guide/", "--full")
      #expect(full.output.contains("\nSource: https://docs.harbour.example/guide/start/\n"))
      #expect(!full.output.contains("127.0.0.1"), "\(full.output)")
    }
  }

  /// Many generators write `guide.html` beside a folder `guide`, for addresses without an extension.
  @Test func fileBesideAFolderOfItsNameIsFound() async throws {
    let site = try makeSite()
    let page =
      "<html><title>Guide</title><main><h1>Guide</h1><p>The guide explains the harbour in six steps.</p></main>"
    try FileManager.default.createDirectory(atPath: site + "/guide", withIntermediateDirectories: true)
    try Data(page.utf8).write(to: URL(filePath: site + "/guide.html"))
    try Data(page.replacing("Guide", with: "First step").utf8).write(to: URL(filePath: site + "/guide/first.html"))
    let home = try String(contentsOfFile: site + "/index.html", encoding: .utf8)
    let links = #"<a href="/guide">Guide</a> <a href="/guide/first">First step</a>"#
    try Data((home + links).utf8).write(to: URL(filePath: site + "/index.html"))
    let outcome = try await llms(site, "--base-url", "https://docs.harbour.example/")
    #expect(outcome.output.contains("](https://docs.harbour.example/guide)"), "\(outcome.output)")
    #expect(outcome.output.contains("](https://docs.harbour.example/guide/first)"))
  }

  @Test func linksOfAFolderFollowItsCanonicalLinks() async throws {
    let outcome = try await llms(try makeSite(canonical: "https://harbour.example/"))
    #expect(outcome.output.contains("](https://harbour.example/start/)"), "\(outcome.output)")
    #expect(outcome.error.contains("https://harbour.example/, by the canonical links"))
  }

  @Test func loopbackLinksCauseAWarning() async throws {
    let outcome = try await llms(try makeSite())
    #expect(outcome.status == 0 && outcome.output.contains("](http://127.0.0.1:"))
    #expect(outcome.error.contains("only this machine can open") && outcome.error.contains("--base-url URL"))
  }

  @Test func serverWithCanonicalLinksToAnotherSiteCausesAWarning() async throws {
    let page = StubSite.page("Home", head: #"<link rel="canonical" href="https://harbour.example/docs/">"#)
    let server = try Self.server(["/": page])
    defer { server.stop() }
    let outcome = try await llms(server.url())
    #expect(outcome.error.contains("add --base-url https://harbour.example/docs/"), "\(outcome.error)")
    let based = try await llms(server.url(), "--base-url", "https://harbour.example/docs/")
    #expect(based.output.contains("](https://harbour.example/docs/)") && based.error.isEmpty, "\(based.error)")
  }

  @Test func folderWithoutASiteIsRefused() async throws {
    let empty = try await llms(folder)
    #expect(empty.status == 64 && empty.error.contains("contains no HTML pages"), "\(empty.error)")
    _ = try makeSite()
    let parent = try await llms(folder)
    #expect(parent.status == 64 && parent.error.contains("the site may be in \(folder)/site"), "\(parent.error)")
    let missing = try await llms("./no-such-folder")
    #expect(missing.status == 64 && missing.error.contains("does not exist"))
    let file = try await llms("\(folder)/site/index.html")
    #expect(file.status == 64 && file.error.contains("is not a folder"))
  }

  // MARK: Filters

  @Test func filtersThatMatchNothingCauseWarnings() async throws {
    let site = try makeSite()
    let base = ["--base-url", "https://harbour.example/"]
    let outcome = try await command(
      ["llms", site, "--exclude", "starts", "--include", "/nope/**", "--language", "de"] + base
    ).run()
    #expect(outcome.status == 0)
    #expect(outcome.error.contains("--exclude 'starts' matched none of 2 pages; '/start/' would match 1"))
    #expect(outcome.error.contains("--include '/nope/**' matched none of 2 pages"))
    #expect(outcome.error.contains("--language de matched no page; the home page is in en"))
    #expect(try await command(["llms", site, "--exclude", "start"] + base).run().error.isEmpty)
    let quiet = try await command(["llms", site, "--exclude", "starts", "-q"] + base).run()
    #expect(quiet.error.isEmpty)
    let single = try await command(["llms", site, "--max-pages", "1"] + base).run()
    #expect(single.error.contains("--max-pages 1 fetches only the home page, of 3 pages"))
  }

  // MARK: Credentials

  /// A site of some pages; status 401 for requests without the right password, if that is given.
  private static func server(_ pages: [String: String], authorization: String? = nil) throws -> ScriptedServer {
    try ScriptedServer { request in
      let isAllowed = authorization.map { request.text.lowercased().contains("authorization: \($0.lowercased())\r\n") }
      guard isAllowed ?? true else { return .response("401 Unauthorized") }
      guard let page = request.path.flatMap({ pages[$0] }) else { return .response("404 Not Found") }
      return .response(headers: ["Content-Type: text/html", "ETag: \"1\""], body: Array(page.utf8))
    }
  }

  @Test func credentialsAreSentAndNeverPrintedOrStored() async throws {
    let server = try Self.server(
      ["/": StubSite.page("Home", links: [("A", "/a")]), "/a": StubSite.page("Secret garden")],
      // me:hush
      authorization: "Basic bWU6aHVzaA==")
    defer { server.stop() }
    let url = server.url()
    let refused = try await llms(url)
    #expect(refused.status == 5)
    #expect(refused.error.contains("status 401") && refused.error.contains("--user NAME:PASSWORD"), "\(refused.error)")
    let wrong = try await llms(url, "--user", "me:wrong-hush")
    #expect(wrong.status == 5 && wrong.error.contains("did not accept the credentials"))
    #expect(!wrong.error.contains("hush"))

    let file = "\(folder)/headers"
    try Data("Authorization: Basic bWU6aHVzaA==\n".utf8).write(to: URL(filePath: file))
    for (arguments, environment) in [
      ([url, "--user", "me:hush"], [:]), ([url, "--user", "me"], ["FETCH_PASSWORD": "hush"]),
      ([url.replacing("http://", with: "http://me:hush@")], [:]),
      ([url, "--header", "Authorization: Basic bWU6aHVzaA=="], [:]), ([url, "--header", "@\(file)"], [:]),
      ([url, "--user", "me:hush", "-v", "--full"], [:]),
    ] {
      let outcome = try await command(["llms"] + arguments, environment).run()
      #expect(outcome.status == 0 && outcome.output.contains("Secret garden"), "\(arguments): \(outcome.error)")
      #expect(!outcome.error.contains("hush") && !outcome.error.contains("bWU6aHVzaA"))
    }
    let stored = try Database(url: database).rows(
      """
      SELECT (SELECT count(*) FROM pages_read) + (SELECT count(*) FROM site_reports WHERE report::text LIKE '%hush%'
        OR report::text LIKE '%bWU6%')
      """, as: Int.self, by: .now.advanced(by: .seconds(10)))
    #expect(stored == [0])
    let page = try await command(["inspect", "page", url, "--user", "me:hush"]).run()
    #expect(page.status == 0 && page.output.contains("Home"))
    let inspected = try await command(["inspect", "llms", url]).run()
    #expect(inspected.status == 5 && inspected.error.contains("--user NAME:PASSWORD"))
  }

  @Test(arguments: [
    ["llms", "http://me:hush@localhost:99999/"], ["llms", "http://me:hu/sh@localhost/"],
    ["llms", "https://site.example", "--header", "hush"], ["llms", "https://site.example", "--header", "a b: hush"],
    ["llm", "http://me:hush@site.example/", "--user", "me:hush"], ["http://me:hush@site.example/"],
    ["llms", "http://me:hush@site.example/", "--user", "me:hush"],
    ["inspect", "page", "--user", "me:hush", "https://a.example/", "https://b.example/"],
    ["inspect", "llms", "llms.txt", "--user", "me:hush"],
  ])
  func wrongArgumentsDoNotPrintThePassword(arguments: [String]) async throws {
    let outcome = try await command(arguments).run()
    #expect(outcome.status == 64, "\(outcome.error)")
    #expect(outcome.error.hasPrefix("local-runner: ") && outcome.error.contains("\nUsage: local-runner"))
    #expect(!outcome.error.contains("hush") && !outcome.error.contains("hu/sh"), "\(outcome.error)")
  }

  // MARK: Output

  @Test func unwritableFileIsReportedBeforeTheCrawl() async throws {
    // Nothing listens there, so an exit status of 5 would mean that the crawl came first.
    let url = "http://127.0.0.1:9/"
    try Data("mine".utf8).write(to: URL(filePath: "\(folder)/file"))
    for (path, message) in [
      ("\(folder)/none/llms.txt", "the folder \(folder)/none does not exist; create it first"),
      (folder, "is a folder; give the name of a file"), ("\(folder)/file", "exists; add --overwrite"),
      ("/proc/llms.txt", "no file can be created in the folder /proc"),
      ("\(folder)/\(String(repeating: "x", count: 300))", "File name too long"),
    ] {
      let outcome = try await llms(url, "-o", path)
      #expect(outcome.status == 73, "\(path): \(outcome.error)")
      #expect(outcome.error.contains(message) && outcome.error.split(separator: "\n").count == 1, "\(outcome.error)")
    }
  }

  @Test func failedWriteIsReported() async throws {
    let site = try makeSite()
    let full = try await shell("\"$LR\" llms \(site) -q >/dev/full")
    #expect(full.status == 74)
    #expect(full.error == "local-runner: the output cannot be written: No space left on device\n")
    let device = try await shell("\"$LR\" llms \(site) -q -o /dev/full")
    #expect(device.status == 74 && device.error.contains("/dev/full cannot be written: No space left on device"))
    let closed = try await shell("\"$LR\" llms \(site) -q >&-")
    #expect(closed.status == 74 && closed.error.contains("stdout is closed"))
    let pipe = try await shell("\"$LR\" llms \(site) -q --full | true; echo ${PIPESTATUS[0]}")
    #expect(pipe.error.isEmpty && ["0\n", "141\n"].contains(pipe.output), "\(pipe.output)\(pipe.error)")
    // Other commands report it, too.
    let inspected = try await shell("\"$LR\" inspect page \(site)/index.html >/dev/full")
    #expect(inspected.status == 74 && inspected.error.contains("No space left on device"))
  }

  @Test func fileIsReplacedAsAWhole() async throws {
    let site = try makeSite()
    let (path, link) = ("\(folder)/llms.txt", "\(folder)/link")
    #expect(try await llms(site, "-o", path, "-q").status == 0)
    let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "llms.txt")
    try Data("old".utf8).write(to: URL(filePath: path))
    #expect(try await llms(site, "-o", link, "--overwrite", "-q").status == 0)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "llms.txt")
    let replaced = try String(contentsOf: URL(filePath: path), encoding: .utf8)
    #expect(replaced.hasPrefix("# ") && text.hasPrefix("# "))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["link", "llms.txt", "site"])
    // A hyphen is stdout, and not the name of a file.
    #expect(try await llms(site, "-o", "-", "-q").output.hasPrefix("# "))
  }

  @Test func jsonHasTheDocumentAndTheNumbers() async throws {
    struct Summary: Decodable {
      let url: String
      let kind: String
      let document: String
      let file: String?
      let found: Int
      let fetched: Int
      let warnings: [String]
    }
    let path = "\(folder)/llms.txt"
    let outcome = try await llms(
      try makeSite(), "--base-url", "harbour.example", "--json", "--exclude", "none", "-o", path)
    #expect(outcome.output.split(separator: "\n").count == 1)
    let summary = try JSON.decode(Summary.self, from: outcome.bytes)
    #expect(summary.url == "https://harbour.example/" && summary.kind == "llms_txt" && summary.file == path)
    #expect(summary.found == 3 && summary.fetched == 3)
    #expect(summary.warnings.count == 1 && summary.warnings[0].hasPrefix("--exclude 'none' matched none"))
    #expect(try String(contentsOf: URL(filePath: path), encoding: .utf8) == summary.document)
  }

  @Test func verboseShowsStagesRequestsAndSkippedPages() async throws {
    let server = try Self.server([
      "/": StubSite.page("Home", links: [("A", "/a"), ("Gone", "/gone")]), "/a": StubSite.page("A"),
    ])
    defer { server.stop() }
    let outcome = try await llms(server.url(), "--verbose")
    for text in [
      " s  looking for a sitemap\n", " s  200 \(server.url("/a")) in ",
      " s  skipped \(server.url("/gone")): http_404\n",
      "2 of 3 pages fetched",
    ] {
      #expect(outcome.error.contains(text), "\(text) is missing:\n\(outcome.error)")
    }
    #expect(!outcome.error.contains("\u{1b}"))
  }

  // MARK: Arguments

  @Test(arguments: [
    (["https://site.example"], "did you mean `local-runner llms https://site.example`?"),
    (["site.example"], "did you mean `local-runner llms site.example`?"),
    (["llm", "site.example"], "did you mean `local-runner llms site.example`?"),
    (["inspct", "page", "x"], "did you mean `local-runner inspect page x`?"),
    (["inspect", "sitmap", "x"], "did you mean `local-runner inspect sitemap x`?"),
    (["bogus"], "the commands are llms, invoke,"), (["llms", "--exlude", "x"], "Did you mean '--exclude'?"),
    (["llms", "--max-pages", "0"], "--max-pages takes 1 to 200"),
    (["llms", "--max-pages", "201"], "--max-pages takes 1 to 200"),
    (["llms", "--language", "english"], "--language takes a language of two or three letters"),
    (["llms", "--include", "a b"], "--include takes patterns"), (["llms", "-q", "-v"], "not both"),
    (["llms", "x.example", "--base-url", "ftp://x"], "--base-url takes a URL"),
    (["llms", ""], "the URL is empty"), (["worker", "--concurrency", "0"], "--concurrency takes 1 to 64"),
  ])
  func wrongArgumentsAreExplained(arguments: [String], message: String) async throws {
    let outcome = try await command(arguments).run()
    #expect(outcome.status == 64)
    #expect(outcome.output.isEmpty)
    #expect(outcome.error.hasPrefix("local-runner: ") && outcome.error.contains(message), "\(outcome.error)")
    let names = ["llms", "inspect", "worker"]
    let usage = names.contains(arguments[0]) ? "\nUsage: local-runner \(arguments[0]) " : "\nUsage: local-runner <"
    #expect(outcome.error.contains(usage), "\(outcome.error)")
  }

  @Test func versionHasShortForms() async throws {
    let version = try await command(["--version"]).run().output
    #expect(try await command(["-v"]).run().output == version)
    #expect(try await command(["version"]).run().output == version)
  }

  @Test func helpListsTheExitStatuses() async throws {
    for arguments in [["--help"], ["llms", "--help"]] {
      let help = try await command(arguments).run().output
      for status in ["0", "1", "4", "5", "64", "70", "73", "74", "130"] {
        #expect(help.contains("\n  \(status) "), "\(arguments): \(status)")
      }
    }
  }
}
