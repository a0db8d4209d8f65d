import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// The small site that comes with the program, served on loopback for as long as it is read.
enum SampleSite {
  /// Where SwiftPM lays the runner's resources, beside the executable.
  static var folder: String { FunctionProcess.ownFolder + "/llm-txt-mastery_LocalRunner.resources/Sample" }

  /// Serves the site on a free port while `body` runs, which is told its address.
  static func serving(_ body: @escaping @Sendable (String) async throws -> Void) async throws {
    let files = try load()
    let (addresses, announce) = AsyncStream.makeStream(of: Int.self)
    var logger = Logger(label: "sample")
    logger.logLevel = .critical
    let application = Application(
      responder: CallbackResponder { (request: Hummingbird.Request, _: BasicRequestContext) in
        response(to: request, files)
      },
      configuration: .init(address: .hostname("127.0.0.1", port: 0), serverName: nil),
      onServerRunning: { announce.yield($0.localAddress?.port ?? 0) }, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { announce.finish() }
        try await application.run()
      }
      for await port in addresses {
        defer { group.cancelAll() }
        try await body("http://127.0.0.1:\(port)/")
        return
      }
      try await group.waitForAll()
    }
  }

  private static func response(to request: Hummingbird.Request, _ files: [String: [UInt8]]) -> Hummingbird.Response {
    let path = request.uri.path
    guard let bytes = files[path.hasSuffix("/") ? path + "index.html" : path] else {
      return Response(
        status: .notFound, headers: [.contentType: "text/plain"],
        body: .init(byteBuffer: ByteBuffer(string: "not found\n")))
    }
    let type =
      path.hasSuffix(".txt")
      ? "text/plain; charset=utf-8" : path.hasSuffix(".xml") ? "application/xml" : "text/html; charset=utf-8"
    return Response(status: .ok, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  /// Every file of the site, by its path.
  private static func load() throws -> [String: [UInt8]] {
    let manager = FileManager.default
    guard let names = try? manager.subpathsOfDirectory(atPath: folder) else {
      throw EmbeddedDatabase.Problem(description: "the sample site is not beside the program, at \(folder)")
    }
    var files: [String: [UInt8]] = [:]
    for name in names {
      var isFolder = false
      guard manager.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder), !isFolder else { continue }
      files["/" + name] = Array(try Data(contentsOf: URL(filePath: folder + "/" + name)))
    }
    return files
  }
}
