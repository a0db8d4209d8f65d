import Support
import Synchronization

/// One kind of invalid or hostile response, with a name that completes "site N, which …".
struct Misbehaviour: Sendable {
  /// The request that is answered, and values for the response.
  struct Context: Sendable {
    /// The requested path and query.
    let path: String
    /// The site's origin, without a slash at the end.
    let origin: String
    /// The port of a server that the crawler must never contact.
    let forbiddenPort: UInt16
    /// The valid response to this path.
    let validResponse: ScriptedResponse
    var random: Randomness

    /// The bytes of the valid response.
    var validBytes: [UInt8] {
      validResponse.steps.flatMap { if case .send(let bytes) = $0 { bytes } else { [UInt8]() } }
    }
  }

  let name: String
  let respond: @Sendable (inout Context) -> ScriptedResponse

  init(_ name: String, _ respond: @escaping @Sendable (inout Context) -> ScriptedResponse) {
    self.name = name
    self.respond = respond
  }

  /// Always responds with the same page, which is created once.
  init(_ name: String, page: @escaping @Sendable () -> String) {
    let page = CachedPage(make: page)
    self.init(name) { _ in .page(page.bytes) }
  }

  /// The bytes of a page, created at the first use.
  private final class CachedPage: Sendable {
    private let cache = Mutex<[UInt8]?>(nil)
    private let make: @Sendable () -> String
    init(make: @escaping @Sendable () -> String) { self.make = make }

    var bytes: [UInt8] {
      cache.withLock { cache in
        let bytes = cache ?? Array(make().utf8)
        cache = bytes
        return bytes
      }
    }
  }

  static let all = connections + framing + compression + redirects + contents

  private static let connections: [Misbehaviour] = [
    .init("closes the connection without a response") { _ in ScriptedResponse(steps: []) },
    .init("closes the connection at a random byte") { context in
      let bytes = context.validBytes
      return ScriptedResponse(steps: [.send(Array(bytes.prefix(context.random.below(bytes.count + 1))))])
    },
    .init("resets the connection at a random byte") { context in
      let bytes = context.validBytes
      return ScriptedResponse(steps: [.send(Array(bytes.prefix(context.random.below(bytes.count + 1)))), .reset])
    },
    .init("sends nothing") { _ in ScriptedResponse(steps: [.silence]) },
    .init("stops sending within the head") { _ in
      ScriptedResponse(steps: [.send(Array("HTTP/1.1 200 OK\r\nContent-Ty".utf8)), .silence])
    },
    .init("stops sending within the body") { context in
      ScriptedResponse(steps: [.send(context.validBytes.dropLast(20)), .silence])
    },
    .init("sends the head slowly") { context in ScriptedResponse(steps: [.drip(context.validBytes, milliseconds: 60)])
    },
    .init("sends endless headers slowly") { _ in
      ScriptedResponse(steps: [
        .send(Array("HTTP/1.1 200 OK\r\n".utf8)),
        .drip(Array(repeating: Array("X-A: b\r\n".utf8), count: 10_000).flatMap(\.self), milliseconds: 20),
      ])
    },
    .init("sends the body slowly") { _ in
      .head(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000",
        .drip(Array(repeating: 0x61, count: 100_000), milliseconds: 30))
    },
    .init("sends extra responses") { context in
      // Both responses are sent at once. A second one that arrives after the client has sent its next request would be
      // read as the answer to that request, which no client can detect.
      ScriptedResponse(
        steps: [.send(context.validBytes + context.validBytes), .flood([0x41], times: 5000)], keepsAlive: true)
    },
    .init("flips bits") { context in
      var bytes = context.validBytes
      for _ in 0..<8 where !bytes.isEmpty {
        bytes[context.random.below(bytes.count)] ^= 1 << UInt8(context.random.below(8))
      }
      return ScriptedResponse(steps: [.send(bytes)])
    },
    .init("uses another protocol") { context in
      .text(
        context.random.pick([
          "SSH-2.0-OpenSSH_9.6\r\n", "220 mail.example ESMTP\r\n", "\u{16}\u{3}\u{1}\u{2}", "-ERR unknown command\r\n",
          "ICY 200 OK\r\n\r\n", "RTSP/1.0 200 OK\r\n\r\n",
        ]))
    },
    .init("sends garbage") { context in
      ScriptedResponse(steps: [
        .send((0..<context.random.below(5000)).map { _ in UInt8(truncatingIfNeeded: context.random.next()) })
      ])
    },
    .init("sends endless garbage") { _ in
      ScriptedResponse(steps: [.flood(Array(repeating: 0xfe, count: 4096), times: .max)])
    },
    .init("sends NULs") { _ in ScriptedResponse(steps: [.flood(Array(repeating: 0, count: 4096), times: 100)]) },
    .init("uses HTTP/0.9") { _ in .text("<html><title>Old</title><p>no head at all") },
  ]

  /// Redirects in loops, to invalid URLs and to forbidden addresses.
  private static let redirects: [Misbehaviour] = [
    .init("redirects to itself") { context in .redirect(context.path) },
    .init("redirects in a loop") { context in
      .redirect(context.path.hasSuffix("~") ? String(context.path.dropLast()) : context.path + "~")
    },
    .init("redirects endlessly") { context in
      .redirect("\(context.path.prefix(1000))\(context.random.below(10))")
    },
    .init("redirects to longer and longer URLs") { context in
      .redirect("\(context.path)/\(String(repeating: "x", count: context.path.utf8.count))")
    },
    .init("redirects to an invalid URL") { context in
      .redirect(
        context.random.pick([
          "", " ", "http://", "http://[", "//", "http://a b/", "\u{1}", "http://%zz/", "https://:443/",
          "http://example.com:99999/",
        ]))
    },
    .init("redirects to another scheme") { context in
      .redirect(
        context.random.pick([
          "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:6379/_x", "data:text/html,x",
          "javascript:alert(1)", "dict://127.0.0.1/",
        ]))
    },
    .init("redirects to a private address") { context in
      let port = context.forbiddenPort
      return .redirect(
        context.random.pick([
          "http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:\(port)/", "http://127.1:\(port)/",
          "http://2130706433:\(port)/", "http://0x7f.1:\(port)/",
          "http://localhost:\(port)/", "http://localhost.:\(port)/", "http://[::1]:\(port)/",
          "http://[::ffff:127.0.0.1]:\(port)/", "//0:\(port)/",
          "http://%31%32%37.0.0.1:\(port)/", "http://１２７.0.0.1:\(port)/", "http://127。0。0。1:\(port)/",
          "http://10.0.0.1/", "http://[fd00:ec2::254]/", "http://[64:ff9b::127.0.0.1]:\(port)/",
        ]))
    },
    .init("redirects to another port") { context in
      .redirect(
        "http://\(context.origin.split(separator: "/").last?.split(separator: ":").first ?? ""):\(context.forbiddenPort)/"
      )
    },
    .init("redirects with credentials") { context in .redirect("http://user:secret@\(context.origin.dropFirst(7))/")
    },
    .init("redirects without a location") { _ in .page([], status: "301 Moved Permanently") },
    .init("redirects to two locations") { context in
      .page(
        [], status: "302 Found", headers: ["Location: /a", "Location: http://127.0.0.1:\(context.forbiddenPort)/"])
    },
  ]
}
