import FoundationEssentials
import HTTPTypes
import Hummingbird
import Invoking
import Logging
import NIOCore

/// A small website that is part of the product. It is served on loopback, for examples and for replaying events.
package enum SampleSite {
  package struct MissingFolder: Error, CustomStringConvertible {
    let path: String
    package var description: String {
      "the sample site is missing at \(path); keep that folder beside the local-runner executable"
    }
  }

  /// The folder of SwiftPM resources beside the executable.
  static var folder: String { FunctionPrograms.runnerFolder + "/llm-txt-mastery_SampleSite.resources" }

  /// Serves the site on a free port while `body` runs.
  ///
  /// - Parameter body: receives the site's URL, which ends with a slash.
  package static func serving(_ body: @escaping @Sendable (String) async throws -> Void) async throws {
    let files = try load(folder)
    let (ports, announce) = AsyncStream.makeStream(of: Int.self)
    var logger = Logger(label: "sample")
    logger.logLevel = .critical
    let application = Application(
      responder: CallbackResponder { (request: Hummingbird.Request, _: BasicRequestContext) in
        response(to: request.uri.path, files)
      },
      configuration: .init(address: .hostname("127.0.0.1", port: 0), serverName: nil),
      onServerRunning: { announce.yield($0.localAddress?.port ?? 0) }, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { announce.finish() }
        try await application.run()
      }
      for await port in ports {
        defer { group.cancelAll() }
        try await body("http://127.0.0.1:\(port)/")
        return
      }
      try await group.waitForAll()
    }
  }

  private static func response(to path: String, _ files: [String: [UInt8]]) -> Hummingbird.Response {
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

  /// Loads every file of the site.
  ///
  /// - Returns: the contents by URL path.
  static func load(_ folder: String) throws -> [String: [UInt8]] {
    let manager = FileManager.default
    guard let names = try? manager.subpathsOfDirectory(atPath: folder) else { throw MissingFolder(path: folder) }
    var files: [String: [UInt8]] = [:]
    for name in names {
      var isFolder = false
      guard manager.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder), !isFolder else { continue }
      files["/" + name] = Array(try Data(contentsOf: URL(filePath: folder + "/" + name)))
    }
    return files
  }
}
