/// Runs `Tests/Traps/serve`, which serves the site of traps over HTTP, until ``end()``.
package struct TrapServer: Sendable {
  /// The site's origin, without a slash at the end.
  package let origin: String
  private let process: Command.Started

  package init() async throws {
    process = try Command("python3", ["\(Products.package)/Tests/Traps/serve", "0"]).start()
    var address = ""
    while !address.hasSuffix("/\n") {
      try await Task.sleep(for: .milliseconds(20))
      address = String(decoding: process.output, as: UTF8.self)
    }
    origin = String(address.dropLast(2))
  }

  /// Stops the server.
  package func end() { process.end() }
}
