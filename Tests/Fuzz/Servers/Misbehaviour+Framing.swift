import Support

extension Misbehaviour {
  private static let hello =
    "<html><title>Hello</title><body><p>Hello there, said the server to its client, and meant it."

  /// Invalid status lines, headers and body lengths.
  static let framing: [Misbehaviour] = [
    .init("sends less than its Content-Length") { _ in
      .head("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000", .send(Array(hello.utf8)))
    },
    .init("sends more than its Content-Length") { _ in
      .head("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 10", .flood(Array(hello.utf8), times: 1000))
    },
    .init("has an invalid Content-Length") { context in
      let length = context.random.pick([
        "-1", "99999999999999999999999", "1e9", "0x10", "ten", "", "5, 6", "9223372036854775807",
        "18446744073709551615", "+5", "5 5",
      ])
      return .head("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: \(length)", .send(Array(hello.utf8)))
    },
    .init("has two different Content-Lengths") { _ in
      .head(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\nContent-Length: 50",
        .send(Array(hello.utf8)))
    },
    .init("has a Content-Length and a chunked body") { _ in
      .head(
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked",
        .send(Array("5\r\nhello\r\n0\r\n\r\n".utf8)))
    },
    .init("sends invalid chunks") { context in
      let chunks = context.random.pick([
        "zz\r\nhello", "-1\r\nhello", "ffffffffffffffffff\r\nhello", "5\r\nhello world\r\n0\r\n\r\n", "5\r\nhel",
        "\r\n\r\n\r\n", "5;\(String(repeating: "x", count: 70_000))\r\nhello\r\n0\r\n\r\n",
        "0\r\n\(String(repeating: "X: y\r\n", count: 20_000))\r\n", "7fffffff\r\n\(hello)", "5\nhello\n0\n\n",
      ])
      return .head(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked", .send(Array(chunks.utf8)))
    },
    .init("sends endless chunks of one byte") { _ in
      .head(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked",
        .flood(Array(repeating: Array("1\r\na\r\n".utf8), count: 500).flatMap(\.self), times: .max))
    },
    .init("names an unknown transfer encoding") { _ in
      .head("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked, identity, rot13", .send(Array(hello.utf8)))
    },
    .init("sends an endless body") { _ in .endless("text/html", hello, " more and more and more") },
    .init("sends endless headers") { _ in
      ScriptedResponse(steps: [
        .send(Array("HTTP/1.1 200 OK\r\n".utf8)), .flood(Array("X-Header: some value or other\r\n".utf8), times: .max),
      ])
    },
    .init("repeats one header many times") { _ in
      ScriptedResponse(steps: [
        .send(Array("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n".utf8)),
        .flood(Array("a:b\r\n".utf8), times: 50_000), .send(Array("\r\n\(hello)".utf8)),
      ])
    },
    .init("sends one endless header") { _ in
      ScriptedResponse(steps: [
        .send(Array("HTTP/1.1 200 OK\r\nX-Header: ".utf8)), .flood(Array(repeating: 0x61, count: 4096), times: .max),
      ])
    },
    .init("sends malformed headers") { _ in
      .head(
        "HTTP/1.1 200 OK\r\n: none\r\nNo colon\r\nX\u{0}Y: z\r\n folded\r\n\tfolded\r\nContent-Type: text/html; charset=\u{ff}\u{0}\r\nLink: <\r\nSet-Cookie: a=\(String(repeating: "b", count: 9000))",
        .send(Array(hello.utf8)))
    },
    .init("sends an endless status line") { _ in
      ScriptedResponse(steps: [
        .send(Array("HTTP/1.1 200 ".utf8)), .flood(Array(repeating: 0x4f, count: 4096), times: .max),
      ])
    },
    .init("sends a malformed status line") { context in
      let line = context.random.pick([
        "HTTP/1.1", "HTTP/1.1 000 No", "HTTP/1.1 999 ?", "HTTP/1.1 -200 OK", "HTTP/9.9 200 OK", "HTTP/1.1 2000 OK",
        "HTTP/1.1  200", "http/1.1 200 ok", "HTTP/1.1 101 Switching", "HTTP/2 200", "HTTP/1.1 20",
      ])
      return .head("\(line)\r\nContent-Type: text/html", .send(Array(hello.utf8)))
    },
    .init("sends endless informational responses") { _ in
      ScriptedResponse(steps: [
        .flood(Array("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".utf8), times: .max)
      ])
    },
    .init("sends a body with a status that has none") { context in
      .head(
        "HTTP/1.1 \(context.random.pick(["204 No Content", "304 Not Modified", "205 Reset"]))\r\nContent-Length: 5",
        .send(Array(hello.utf8)))
    },
    .init("responds with an error status") { context in
      .page(
        Array(hello.utf8),
        status: context.random.pick([
          "500 Internal Server Error", "503 Unavailable", "429 Too Many Requests", "403 Forbidden", "418 Teapot",
        ]), headers: ["Retry-After: 99999999999999999999"])
    },
    .init("requires authentication") { _ in
      .page(
        [], status: "401 Unauthorized",
        headers: ["WWW-Authenticate: Negotiate", "WWW-Authenticate: NTLM", "WWW-Authenticate: Basic realm=\"x"])
    },
    .init("requests protocol upgrades") { _ in
      .page(
        Array(hello.utf8),
        headers: [
          "Upgrade: h2c, websocket", "Connection: Upgrade, close, keep-alive", "Alt-Svc: h3=\"127.0.0.1:1\"; ma=9999",
          "Refresh: 0;url=file:///etc/passwd",
        ])
    },
  ]

  /// Decompression bombs and invalid compression.
  static let compression: [Misbehaviour] = [
    .init("sends a gzip bomb") { _ in .page(Deflate.zeros(1 << 28), headers: ["Content-Encoding: gzip"]) },
    .init("sends a gzip bomb in gzip") { _ in
      .page(Deflate.stored(Deflate.zeros(1 << 23)), headers: ["Content-Encoding: gzip, gzip"])
    },
    .init("sends a gzip bomb as a file") { _ in .page(Deflate.zeros(1 << 28), type: "application/gzip") },
    .init("sends a brotli bomb") { _ in .page(brotliZeros, headers: ["Content-Encoding: br"]) },
    .init("sends a zstd bomb") { _ in .page(zstdZeros, headers: ["Content-Encoding: zstd"]) },
    .init("compresses in a hundred layers") { _ in
      .page(
        Deflate.zeros(1 << 16),
        headers: ["Content-Encoding: " + Array(repeating: "gzip", count: 100).joined(separator: ", ")])
    },
    .init("sends corrupted compressed data") { context in
      let (name, bytes) = context.random.pick([
        ("gzip", Deflate.zeros(1 << 16)), ("br", brotliZeros), ("zstd", zstdZeros),
        ("deflate", [0x78, 0x9c, 0x03, 0x00]), ("gzip", []),
      ])
      var broken = bytes
      for _ in 0..<4 where !broken.isEmpty {
        broken[context.random.below(broken.count)] ^= UInt8(1 + context.random.below(255))
      }
      return .page(
        Array(broken.prefix(1 + context.random.below(broken.count + 1))), headers: ["Content-Encoding: \(name)"])
    },
    .init("names a compression that it does not use") { context in
      .page(
        Array(hello.utf8),
        headers: [
          "Content-Encoding: \(context.random.pick(["gzip", "br", "zstd", "deflate", "compress", "rot13", ""]))"
        ])
    },
  ]

  /// 64 MB of zeros, compressed with brotli (RFC 7932).
  private static let brotliZeros: [UInt8] =
    [
      203, 255, 255, 63, 248, 39, 0, 226, 177, 64, 32, 247, 254, 143, 255, 255, 127, 240, 79, 0, 196, 97, 17, 128, 238,
      253, 31, 255, 255, 255, 224, 159, 0,
    ]
    + [
      136, 195, 2, 0, 221, 251, 63, 254, 255, 255, 193, 63, 1, 16, 135, 5, 0, 186, 247, 127, 252, 255, 255, 131, 127, 2,
      32, 14, 11, 0, 116, 239, 255, 248, 255,
    ]
    + [
      255, 7, 255, 4, 64, 28, 22, 0, 232, 222, 255, 241, 255, 255, 15, 254, 9, 128, 56, 44, 0, 208, 189, 255, 227, 255,
      255, 31, 252, 19, 0, 113, 88, 0, 160, 123, 255, 55,
    ]

  /// A gigabyte of zeros: a zstd frame (RFC 8878) with a window of 128 KiB and blocks of one repeated byte, four bytes
  /// each.
  private static let zstdZeros: [UInt8] =
    [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38] + Array(repeating: [0x02, 0x00, 0x10, 0x00], count: 8192).flatMap(\.self)
}
