import Fetch
import FetchCurl
import FoundationEssentials
import Support
import Testing

/// HTTP/2 over TLS, with a server that speaks nothing else, and a certificate that only this test trusts.
struct HTTP2Tests {
  private static let server = "/usr/sbin/nghttpd"
  private static let isInstalled = FileManager.default.isExecutableFile(atPath: server)

  @Test(.enabled(if: isInstalled, "needs nghttpd of the package nghttp2-server"))
  func whereItIsOfferedItIsSpoken() async throws {
    let folder = "/tmp/llmtxt-h2-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data("hello over two".utf8).write(to: URL(filePath: folder + "/page.html"))
    let made = try await Command(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
        "/CN=localhost", "-addext",
        "subjectAltName=IP:127.0.0.1", "-keyout", folder + "/key.pem", "-out", folder + "/cert.pem",
      ]
    ).run()
    try #require(made.status == 0, "\(made.error)")
    let port = Int.random(in: 20_000..<60_000)
    let process = try Command(
      Self.server, ["-a", "127.0.0.1", "-d", folder, String(port), folder + "/key.pem", folder + "/cert.pem"]
    ).start()
    defer { process.end() }

    let network = AddressGuard(opened: [IPNetwork("127.0.0.0/8")!])
    let request = FetchRequest("https://127.0.0.1:\(port)/page.html")
    let fetcher = Fetcher.curl(guard: network, userAgent: "TestAgent/1.0", authorities: folder + "/cert.pem")
    var first: FetchResponse?
    for _ in 0..<200 where first == nil {
      first = try? await fetcher.fetch(request)
      if first == nil { try await Task.sleep(for: .milliseconds(50)) }
    }
    #expect(first?.status == 200)
    #expect(first?.body == Array("hello over two".utf8))
    #expect(first?.headers["content-length"] == "14")
    // Many at a time, on the one connection.
    let answers = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<20 { group.addTask { try await fetcher.fetch(request).status } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(answers == Array(repeating: 200, count: 20))
    // Nobody else trusts it.
    let error = await #expect(throws: FetchError.self) {
      try await Fetcher.curl(guard: network, userAgent: "TestAgent/1.0").fetch(request)
    }
    #expect(error?.code == .tls)
  }
}
