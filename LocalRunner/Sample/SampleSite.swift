import FoundationEssentials
import Invoking

/// The small websites that are part of the product. They are served on loopback, for examples and for replaying events.
package enum SampleSite: String, CaseIterable, Sendable {
  /// A site of HTML files, which events call `{{site}}`.
  case documentation
  case blog
  /// A tool with one page.
  case landing
  /// A person with one page.
  case portfolio
  /// Software as a service.
  case service
  case shop

  package struct Missing: Error, CustomStringConvertible {
    let path: String
    package var description: String {
      "\(path) is missing or not UTF-8; keep the sample sites beside the local-runner executable"
    }
  }

  /// The folder of SwiftPM resources beside the executable.
  private static var folder: String { FunctionPrograms.runnerFolder + "/llm-txt-mastery_SampleSite.resources" }

  /// Serves a site on a free port while `body` runs.
  ///
  /// - Parameter body: receives the site's URL, which ends with a slash.
  package static func serving<Value: Sendable>(
    _ site: SampleSite = .documentation, _ body: @escaping @Sendable (String) async throws -> Value
  ) async throws -> Value {
    try await SampleServer(site.content()).serving(body)
  }

  /// Serves several sites, each on its own port, while `body` runs.
  ///
  /// - Parameter body: receives the URLs of the sites, which end with a slash.
  package static func serving(
    all sites: [SampleSite], _ body: @escaping @Sendable ([SampleSite: String]) async throws -> Void
  ) async throws {
    try await serving(sites[...], addresses: [:], body)
  }

  private static func serving(
    _ rest: ArraySlice<SampleSite>, addresses: [SampleSite: String],
    _ body: @escaping @Sendable ([SampleSite: String]) async throws -> Void
  ) async throws {
    guard let site = rest.first else { return try await body(addresses) }
    try await serving(site) { address in
      try await serving(rest.dropFirst(), addresses: addresses.merging([site: address]) { $1 }, body)
    }
  }

  /// Loads the pages of the site.
  package func content() throws -> SampleContent {
    self == .documentation ? try .folder(Self.folder) : try .file("\(Self.folder)/sites/\(rawValue).txt")
  }
}

/// The pages of a sample site.
package enum SampleContent: Sendable {
  /// Contents by URL path.
  case files([String: [UInt8]])
  case text(TextSite)

  /// Loads a folder of HTML files. Its folder `sites` contains other sites, and is left out.
  static func folder(_ folder: String) throws -> SampleContent {
    let manager = FileManager.default
    guard let names = try? manager.subpathsOfDirectory(atPath: folder) else { throw SampleSite.Missing(path: folder) }
    var files: [String: [UInt8]] = [:]
    for name in names where !name.hasPrefix("sites") {
      var isFolder = false
      guard manager.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder), !isFolder else { continue }
      files["/" + name] = Array(try Data(contentsOf: URL(filePath: folder + "/" + name)))
    }
    return .files(files)
  }

  /// Loads a site that one text file describes.
  package static func file(_ path: String) throws -> SampleContent {
    guard let text = try? String(contentsOf: URL(filePath: path), encoding: .utf8) else {
      throw SampleSite.Missing(path: path)
    }
    return .text(TextSite(text))
  }

  /// Returns the content type and the body of a page, or nil if the site has no such page.
  func response(to path: String, origin: String) -> (type: String, body: [UInt8])? {
    switch self {
    case .text(let site): return site.response(to: path, origin: origin).map { ($0.type, Array($0.body.utf8)) }
    case .files(let files):
      let type = path.hasSuffix(".txt") ? "text/plain; charset=utf-8" : "text/html; charset=utf-8"
      return files[path.hasSuffix("/") ? path + "index.html" : path].map { (type, $0) }
    }
  }
}
