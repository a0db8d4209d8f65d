import Synchronization

/// One way in which a server does not do what it should.
struct Misbehaviour: Sendable {
  /// Where a request stands.
  struct Situation: Sendable {
    /// The path and query that were asked for.
    let path: String
    /// Of the site itself, without a slash at the end.
    let origin: String
    /// Of a server that nobody may dial.
    let forbiddenPort: UInt16
    /// What this path would be answered with if all were well.
    let honest: Answer
    var random: Randomness

    /// The bytes of the honest answer.
    var honestBytes: [UInt8] { honest.steps.flatMap { if case .send(let bytes) = $0 { bytes } else { [UInt8]() } } }
  }

  let name: String
  let answer: @Sendable (inout Situation) -> Answer

  init(_ name: String, _ answer: @escaping @Sendable (inout Situation) -> Answer) {
    self.name = name
    self.answer = answer
  }

  /// A page that is the same each time, and made once.
  init(_ name: String, page: @escaping @Sendable () -> String) {
    let once = Once(make: page)
    self.init(name) { _ in .whole(once.bytes) }
  }

  private final class Once: Sendable {
    private let made = Mutex<[UInt8]?>(nil)
    private let make: @Sendable () -> String
    init(make: @escaping @Sendable () -> String) { self.make = make }

    var bytes: [UInt8] {
      made.withLock { made in
        let bytes = made ?? Array(make().utf8)
        made = bytes
        return bytes
      }
    }
  }

  static let all = connections + framing + packing + redirects + contents

  private static let connections: [Misbehaviour] = [
    .init("closes without a word") { _ in Answer(steps: []) },
    .init("closes at any byte") { situation in
      let bytes = situation.honestBytes
      return Answer(steps: [.send(Array(bytes.prefix(situation.random.below(bytes.count + 1))))])
    },
    .init("resets at any byte") { situation in
      let bytes = situation.honestBytes
      return Answer(steps: [.send(Array(bytes.prefix(situation.random.below(bytes.count + 1)))), .reset])
    },
    .init("is silent") { _ in Answer(steps: [.silence]) },
    .init("is silent within the head") { _ in
      Answer(steps: [.send(Array("HTTP/1.1 200 OK\r\nContent-Ty".utf8)), .silence])
    },
    .init("is silent within the body") { situation in
      Answer(steps: [.send(situation.honestBytes.dropLast(20)), .silence])
    },
    .init("drips the head") { situation in Answer(steps: [.drip(situation.honestBytes, milliseconds: 60)]) },
    .init("drips headers without end") { _ in
      Answer(steps: [
        .send(Array("HTTP/1.1 200 OK\r\n".utf8)),
        .drip(Array(repeating: Array("X-A: b\r\n".utf8), count: 10_000).flatMap(\.self), milliseconds: 20),
      ])
    },
    .init("drips the body") { _ in
      .head(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000",
        .drip(Array(repeating: 0x61, count: 100_000), milliseconds: 30))
    },
    .init("says too much") { situation in
      Answer(steps: situation.honest.steps + situation.honest.steps + [.flood([0x41], times: 5000)], staysOpen: true)
    },
    .init("flips bits") { situation in
      var bytes = situation.honestBytes
      for _ in 0..<8 where !bytes.isEmpty {
        bytes[situation.random.below(bytes.count)] ^= 1 << UInt8(situation.random.below(8))
      }
      return Answer(steps: [.send(bytes)])
    },
    .init("is another protocol") { situation in
      .raw(
        situation.random.pick([
          "SSH-2.0-OpenSSH_9.6\r\n", "220 mail.example ESMTP\r\n", "\u{16}\u{3}\u{1}\u{2}", "-ERR unknown command\r\n",
          "ICY 200 OK\r\n\r\n", "RTSP/1.0 200 OK\r\n\r\n",
        ]))
    },
    .init("sends garbage") { situation in
      Answer(steps: [
        .send((0..<situation.random.below(5000)).map { _ in UInt8(truncatingIfNeeded: situation.random.next()) })
      ])
    },
    .init("sends garbage without end") { _ in Answer(steps: [.flood(Array(repeating: 0xfe, count: 4096), times: .max)])
    },
    .init("sends NULs") { _ in Answer(steps: [.flood(Array(repeating: 0, count: 4096), times: 100)]) },
    .init("is HTTP/0.9") { _ in .raw("<html><title>Old</title><p>no head at all") },
  ]

  /// A site's own redirects, to itself and to where nobody may go.
  private static let redirects: [Misbehaviour] = [
    .init("redirects to itself") { situation in .redirect(situation.path) },
    .init("redirects in a circle") { situation in
      .redirect(situation.path.hasSuffix("~") ? String(situation.path.dropLast()) : situation.path + "~")
    },
    .init("redirects without end") { situation in
      .redirect("\(situation.path.prefix(1000))\(situation.random.below(10))")
    },
    .init("redirects to an ever longer address") { situation in
      .redirect("\(situation.path)/\(String(repeating: "x", count: situation.path.utf8.count))")
    },
    .init("redirects to no URL") { situation in
      .redirect(
        situation.random.pick([
          "", " ", "http://", "http://[", "//", "http://a b/", "\u{1}", "http://%zz/", "https://:443/",
          "http://example.com:99999/",
        ]))
    },
    .init("redirects to another scheme") { situation in
      .redirect(
        situation.random.pick([
          "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:6379/_x", "data:text/html,x",
          "javascript:alert(1)", "dict://127.0.0.1/",
        ]))
    },
    .init("redirects to a private address") { situation in
      let port = situation.forbiddenPort
      return .redirect(
        situation.random.pick([
          "http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:\(port)/", "http://127.1:\(port)/",
          "http://2130706433:\(port)/", "http://0x7f.1:\(port)/",
          "http://localhost:\(port)/", "http://localhost.:\(port)/", "http://[::1]:\(port)/",
          "http://[::ffff:127.0.0.1]:\(port)/", "//0:\(port)/",
          "http://%31%32%37.0.0.1:\(port)/", "http://１２７.0.0.1:\(port)/", "http://127。0。0。1:\(port)/",
          "http://10.0.0.1/", "http://[fd00:ec2::254]/", "http://[64:ff9b::127.0.0.1]:\(port)/",
        ]))
    },
    .init("redirects to another port") { situation in
      .redirect(
        "http://\(situation.origin.split(separator: "/").last?.split(separator: ":").first ?? ""):\(situation.forbiddenPort)/"
      )
    },
    .init("redirects with credentials") { situation in .redirect("http://user:secret@\(situation.origin.dropFirst(7))/")
    },
    .init("redirects nowhere") { _ in .whole([], status: "301 Moved Permanently") },
    .init("redirects to two places") { situation in
      .whole(
        [], status: "302 Found", headers: ["Location: /a", "Location: http://127.0.0.1:\(situation.forbiddenPort)/"])
    },
  ]
}
