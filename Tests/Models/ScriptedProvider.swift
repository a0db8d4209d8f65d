import Contract
import FoundationEssentials
import Support

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Runs `provider.py`, a fake model provider. All tests share one process, and identify their requests by a tag in the
/// URL.
struct ScriptedProvider: Sendable {
  private let port: Int
  private let sitePort: Int
  private let log: String
  /// The process ends when the test process ends.
  private let process: Command.Started

  struct Request: Decodable {
    let at: Double
    let tag: String
    let kind: String
    /// The number of messages: 1, or 3 in a request to repair an answer.
    let turns: Int
    let body: String
  }

  static let shared = Swift.Result { try ScriptedProvider() }

  private init() throws {
    log = "/tmp/llmtxt-provider-\(UUID().uuidString).jsonl"
    process = try Command("python3", ["\(Products.package)/Tests/Models/provider.py", log]).start()
    for _ in 0..<6_000 where !process.output.contains(0x0a) { usleep(5_000) }
    let ports = String(decoding: process.output, as: UTF8.self).split { $0 == " " || $0 == "\n" }.compactMap { Int($0) }
    guard ports.count == 2 else {
      throw Command.Failed(description: "provider.py did not print its two ports: \(process.errorOutput)")
    }
    (port, sitePort) = (ports[0], ports[1])
  }

  /// The base URL of a provider with this behaviour.
  func base(_ behaviour: String, _ tag: String) -> String { "http://127.0.0.1:\(port)/\(behaviour)/\(tag)/v1" }

  /// The URL of a test site with fourteen pages. Sites with different numbers have different texts.
  func site(_ number: Int) -> String { "http://127.0.0.\(number):\(sitePort)/" }

  /// The URL of a test site with prompt injections. Four pages, including the home page, contain the word `OBEYME`.
  func injectionSite(_ number: Int) -> String { "http://127.0.1.\(number):\(sitePort)/" }

  /// The requests with this tag, in order of arrival.
  func requests(_ tag: String) throws -> [Request] {
    let bytes = Array(try Data(contentsOf: URL(filePath: log)))
    return try bytes.split(separator: 0x0a).map { try JSON.decode(Request.self, from: Array($0)) }.filter {
      $0.tag == tag
    }
  }
}
