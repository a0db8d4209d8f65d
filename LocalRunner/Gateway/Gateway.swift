import Contract
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// The HTTP server in front of the functions.
///
/// It translates each request to an event, and each response of a function to an HTTP response. It finishes the
/// requests that it has received before it shuts down.
package struct Gateway: Service {
  private let dispatcher: EventDispatcher
  private let translation: HTTPTranslation
  private let host: String
  private let port: Int
  private let onRunning: @Sendable (Int) -> Void

  /// - Parameters:
  ///   - port: the port to listen on; 0 selects a free one.
  ///   - onRunning: receives the port once the server accepts connections.
  package init(
    _ dispatcher: EventDispatcher, _ translation: HTTPTranslation, host: String, port: Int,
    onRunning: @escaping @Sendable (Int) -> Void
  ) {
    self.dispatcher = dispatcher
    self.translation = translation
    self.host = host
    self.port = port
    self.onRunning = onRunning
  }

  package func run() async throws {
    var logger = Logger(label: "gateway") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .error
    let application = Application(
      responder: CallbackResponder { request, context in await respond(to: request, context) },
      configuration: .init(address: .hostname(host, port: port), serverName: nil),
      onServerRunning: { onRunning($0.localAddress?.port ?? port) }, logger: logger)
    try await application.run()
  }

  private func respond(to request: Hummingbird.Request, _ context: GatewayContext) async -> Hummingbird.Response {
    do throws(Failure) {
      let body = try await Self.body(of: request)
      return Self.http(await dispatcher.respond(to: translation.event(Self.request(request, context), body: body)))
    } catch {
      return Self.http(EventDispatcher.response(to: error))
    }
  }

  private static func body(of request: Hummingbird.Request) async throws(Failure) -> [UInt8] {
    var body = HTTPTranslation.Body()
    do {
      for try await piece in request.body where !body.add(piece.readableBytesView) { break }
    } catch {
      throw Failure(.invalidRequest, "the connection was closed before the body was complete")
    }
    return try body.finish()
  }

  private static func request(_ request: Hummingbird.Request, _ context: GatewayContext) -> HTTPTranslation.Request {
    HTTPTranslation.Request(
      method: request.method.rawValue, target: request.head.path ?? "/", authority: request.head.authority,
      fields: request.headers.map { ($0.name.canonicalName, $0.value) },
      remoteAddress: context.remoteAddress?.ipAddress)
  }

  private static func http(_ response: Contract.Response) -> Hummingbird.Response {
    var fields = HTTPFields()
    for (name, value) in HTTPTranslation.fields(of: response) {
      if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
    }
    return Hummingbird.Response(
      status: .init(code: response.status), headers: fields, body: Self.responseBody(response.body))
  }
}

/// The context of a request, with the address of the client's connection.
struct GatewayContext: RequestContext, RemoteAddressRequestContext {
  var coreContext: CoreRequestContextStorage
  let remoteAddress: SocketAddress?

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    remoteAddress = source.channel.remoteAddress
  }
}

extension Gateway {
  fileprivate static func responseBody(_ body: Contract.Response.Body) -> ResponseBody {
    switch body {
    case .bytes(let bytes): ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
    case .stream(let pieces):
      ResponseBody { writer in
        for try await piece in pieces { try await writer.write(ByteBuffer(bytes: piece)) }
        try await writer.finish(nil)
      }
    }
  }
}
