import FoundationEssentials
import Support

/// A proxy before a database that forwards everything except the responses to COMMIT, so that a client cannot know
/// whether its transaction was committed.
struct HoldingProxy {
  private let folder: String
  private let process: Command.Started

  /// Prints a line for each response that it holds back.
  private static let script = """
    import socket, sys, threading
    server = socket.socket(socket.AF_UNIX)
    server.bind(sys.argv[1])
    server.listen(64)
    print("listening")
    def pump(source, sink, holds):
        while data := source.recv(65536):
            if holds and b"COMMIT\\0" in data:
                print("held")
                return
            sink.sendall(data)
        sink.close()
    while True:
        client, _ = server.accept()
        real = socket.socket(socket.AF_UNIX)
        real.connect(sys.argv[2])
        threading.Thread(target=pump, args=(client, real, False), daemon=True).start()
        threading.Thread(target=pump, args=(real, client, True), daemon=True).start()
    """

  /// - Parameter url: the URL of the database, on a unix socket.
  init(before url: String) async throws {
    let options = Dictionary(
      uniqueKeysWithValues: (url.split(separator: "?").last ?? "").split(separator: "&").map { option in
        let halves = option.split(separator: "=", maxSplits: 1)
        return (String(halves[0]), String(halves.last ?? ""))
      })
    folder = "/tmp/llmtxt-hold-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let socket = "/.s.PGSQL.\(options["port"] ?? "5432")"
    let started = try Command("python3", ["-u", "-c", Self.script, folder + socket, (options["host"] ?? "") + socket])
      .start()
    process = started
    for _ in 0..<400 where started.output.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
    self.url = url.replacing("host=\(options["host"] ?? "")", with: "host=\(folder)")
  }

  /// The URL of the same database through the proxy.
  let url: String

  /// Waits until the proxy holds back this number of responses.
  ///
  /// - Returns: false if that takes too long.
  func waitForHeldResponses(_ count: Int) async throws -> Bool {
    for _ in 0..<2_000 {
      let lines = String(decoding: process.output, as: UTF8.self).split(separator: "\n")
      if lines.filter({ $0 == "held" }).count >= count { return true }
      try await Task.sleep(for: .milliseconds(2))
    }
    return false
  }

  func end() {
    process.end()
    try? FileManager.default.removeItem(atPath: folder)
  }
}
