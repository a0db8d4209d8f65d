import Contract
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

/// A folder of files that is served on loopback as static hosts do it.
///
/// `/guide/` is `guide/index.html`, `/guide` redirects to it, and `/about` is `about.html`. If there is `guide.html`
/// beside a folder `guide` without `index.html`, both spellings are this file. A missing file is `404.html`, if there is
/// one, with status 404.
package struct StaticSite: Sendable {
  private let folder: String

  package init(folder: String) { self.folder = folder }

  /// The paths of all files, relative to the folder.
  package var files: [String] {
    let paths = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    return paths.filter { Self.kind(of: "\(folder)/\($0)") == .file }
  }

  /// Serves the folder on a free port while `body` runs.
  ///
  /// - Parameter body: receives the site's URL, which ends with a slash.
  package func serving<Value: Sendable>(_ body: @escaping @Sendable (String) async throws -> Value) async throws
    -> Value
  {
    let server = LoopbackServer { request in response(to: request.uri.path, hasBody: request.method != .head) }
    return try await server.serving(body)
  }

  // MARK: Responses

  private enum FileKind { case file, folder }

  private static func kind(of path: String) -> FileKind? {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
    return isFolder ? .folder : .file
  }

  private func response(to path: String, hasBody: Bool) -> Hummingbird.Response {
    guard let decoded = path.percentDecoded, !decoded.contains("\0"),
      !decoded.split(separator: "/").contains("..")
    else { return notFound(hasBody) }
    let file = folder + decoded
    if decoded.hasSuffix("/") {
      return content(of: file + "index.html", hasBody) ?? content(of: file + "index.htm", hasBody)
        ?? content(of: String(file.dropLast()) + ".html", hasBody)
        ?? redirection(from: path, decoded) ?? notFound(hasBody)
    }
    switch Self.kind(of: file) {
    case .file: return content(of: file, hasBody) ?? notFound(hasBody)
    case .folder where Self.kind(of: file + "/index.html") == nil && Self.kind(of: file + ".html") == .file:
      return content(of: file + ".html", hasBody) ?? notFound(hasBody)
    case .folder: return Response(status: .movedPermanently, headers: [.location: path + "/"])
    case nil: return content(of: file + ".html", hasBody) ?? redirection(from: path, decoded) ?? notFound(hasBody)
    }
  }

  /// A redirect for a site that was built for a folder, such as `/docs/`, and therefore has that folder in its links.
  private func redirection(from path: String, _ decoded: String) -> Hummingbird.Response? {
    guard let first = path.split(separator: "/").first, Self.kind(of: "\(folder)/\(first)") == nil else { return nil }
    let rest = decoded.dropFirst(1).drop { $0 != "/" }
    guard rest.count > 1,
      ["", ".html", "index.html", "/index.html"].contains(where: { suffix in
        let file = folder + rest + suffix
        return file.hasSuffix(".html") && Self.kind(of: file) == .file
      })
    else { return nil }
    return Response(status: .found, headers: [.location: String(path.dropFirst(1).drop { $0 != "/" })])
  }

  private func notFound(_ hasBody: Bool) -> Hummingbird.Response {
    content(of: folder + "/404.html", status: .notFound, hasBody)
      ?? Response(
        status: .notFound, headers: [.contentType: "text/plain"],
        body: .init(byteBuffer: ByteBuffer(string: hasBody ? "not found\n" : "")))
  }

  private func content(
    of path: String, status: HTTPResponse.Status = .ok, _ hasBody: Bool
  ) -> Hummingbird.Response? {
    guard Self.kind(of: path) == .file, let data = try? Data(contentsOf: URL(filePath: path)) else { return nil }
    return Response(
      status: status, headers: [.contentType: Self.mediaType(of: path)],
      body: .init(byteBuffer: ByteBuffer(bytes: hasBody ? data : Data())))
  }

  private static func mediaType(of path: String) -> String {
    switch path.split(separator: "/").last?.split(separator: ".").last?.lowercased() {
    case "html", "htm": "text/html; charset=utf-8"
    case "txt": "text/plain; charset=utf-8"
    case "md": "text/markdown; charset=utf-8"
    case "xml": "application/xml"
    case "json": "application/json"
    case "css": "text/css"
    case "js": "text/javascript"
    default: "application/octet-stream"
    }
  }
}
