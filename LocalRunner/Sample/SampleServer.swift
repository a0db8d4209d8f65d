import HTTPTypes
import Hummingbird
import NIOCore

/// Serves a sample site on 127.0.0.1.
package struct SampleServer: Sendable {
  private let content: SampleContent
  private let port: Int

  /// - Parameter port: 0 selects a free port.
  package init(_ content: SampleContent, port: Int = 0) {
    self.content = content
    self.port = port
  }

  /// Serves the site while `body` runs.
  ///
  /// - Parameter body: receives the site's URL, which ends with a slash.
  package func serving<Value: Sendable>(
    _ body: @escaping @Sendable (String) async throws -> Value
  ) async throws -> Value {
    let server = LoopbackServer(port: port) { [content] request in
      let origin = "http://\(request.head.authority ?? "127.0.0.1")"
      return Self.response(content.response(to: request.uri.path, origin: origin))
    }
    return try await server.serving(body)
  }

  private static func response(_ page: (type: String, body: [UInt8])?) -> Hummingbird.Response {
    guard let page else {
      return Response(
        status: .notFound, headers: [.contentType: "text/plain"],
        body: .init(byteBuffer: ByteBuffer(string: "not found\n")))
    }
    return Response(
      status: .ok, headers: [.contentType: page.type], body: .init(byteBuffer: ByteBuffer(bytes: page.body)))
  }
}
