import Contract
import FoundationEssentials
import Support

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// `provider.py`: one for all tests, which tell their requests apart by a tag in the address.
struct ScriptedProvider: Sendable {
  private let port: Int
  private let sitePort: Int
  private let log: String
  /// It ends by itself when the tests do.
  private let process: Command.Started

  struct Request: Decodable {
    let at: Double
    let tag: String
    let kind: String
    /// 1, or 3 where an answer is to be repaired.
    let turns: Int
    let body: String
  }

  static let shared = Swift.Result { try ScriptedProvider() }

  private init() throws {
    log = "/tmp/llmtxt-provider-\(UUID().uuidString).jsonl"
    process = try Command("python3", ["\(Products.package)/Tests/Models/provider.py", log]).start()
    for _ in 0..<6_000 where !process.output.contains(0x0a) { usleep(5_000) }
    let ports = String(decoding: process.output, as: UTF8.self).split { $0 == " " || $0 == "\n" }.compactMap { Int($0) }
    guard ports.count == 2 else { throw Command.Failed(description: "no provider: \(process.errorOutput)") }
    (port, sitePort) = (ports[0], ports[1])
  }

  /// Where a model is asked that behaves so.
  func base(_ behaviour: String, _ tag: String) -> String { "http://127.0.0.1:\(port)/\(behaviour)/\(tag)/v1" }

  /// One of many websites of fourteen pages.
  func site(_ number: Int) -> String { "http://127.0.0.\(number):\(sitePort)/" }

  /// A website of which four pages, the first among them, give orders to models; they hold `OBEYME`.
  func evilSite(_ number: Int) -> String { "http://127.0.1.\(number):\(sitePort)/" }

  /// What was asked under a tag, in the order in which it arrived.
  func requests(_ tag: String) throws -> [Request] {
    let bytes = Array(try Data(contentsOf: URL(filePath: log)))
    return try bytes.split(separator: 0x0a).map { try JSON.decode(Request.self, from: Array($0)) }.filter {
      $0.tag == tag
    }
  }
}
