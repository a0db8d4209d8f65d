/// The site of traps as its program serves it; it ends with ``end()``.
package struct TrapServer: Sendable {
  /// Without a slash at its end.
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

  package func end() { process.end() }
}
