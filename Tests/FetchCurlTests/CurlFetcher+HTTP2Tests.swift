import Fetch
import FetchCurl
import FoundationEssentials
import Support
import Testing

/// HTTP/2 over TLS, with nghttpd, which supports nothing else, and a certificate that only this test trusts.
struct HTTP2Tests {
  private static let server = "/usr/sbin/nghttpd"
  private static let isInstalled = FileManager.default.isExecutableFile(atPath: server)

  @Test("HTTP/2 is used if the server offers it", .enabled(if: isInstalled, "needs the package nghttp2-server"))
  func http2() async throws {
    let folder = "/tmp/llmtxt-h2-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data("hello over two".utf8).write(to: URL(filePath: folder + "/page.html"))
    let certificate = try await Command(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
        "/CN=localhost", "-addext",
        "subjectAltName=IP:127.0.0.1", "-keyout", folder + "/key.pem", "-out", folder + "/cert.pem",
      ]
    ).run()
    try #require(certificate.status == 0, "\(certificate.error)")
    let port = Int.random(in: 20_000..<60_000)
    let process = try Command(
      Self.server, ["-a", "127.0.0.1", "-d", folder, String(port), folder + "/key.pem", folder + "/cert.pem"]
    ).start()
    defer { process.end() }

    let network = AddressGuard(allowing: [IPNetwork("127.0.0.0/8")!])
    let request = FetchRequest("https://127.0.0.1:\(port)/page.html")
    let fetcher = Fetcher.curl(guard: network, userAgent: "TestAgent/1.0", certificateAuthorities: folder + "/cert.pem")
    var first: FetchResponse?
    for _ in 0..<200 where first == nil {
      first = try? await fetcher.fetch(request)
      if first == nil { try await Task.sleep(for: .milliseconds(50)) }
    }
    #expect(first?.status == 200)
    #expect(first?.body == Array("hello over two".utf8))
    #expect(first?.headers["content-length"] == "14")
    // Concurrent fetches.
    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<20 { group.addTask { try await fetcher.fetch(request).status } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(statuses == Array(repeating: 200, count: 20))
    // A fetcher with the system's certificates rejects the server.
    let error = await #expect(throws: FetchError.self) {
      try await Fetcher.curl(guard: network, userAgent: "TestAgent/1.0").fetch(request)
    }
    #expect(error?.code == .tls)
  }
}
