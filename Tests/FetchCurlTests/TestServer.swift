import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An HTTP server on loopback that answers what a test tells it to, right or wrong: bytes, pauses, or nothing.
///
/// One thread accepts and one more serves each connection, so that a connection that hangs keeps no other waiting.
final class TestServer: Sendable {
  enum Step: Sendable {
    case send([UInt8])
    /// Sent again and again, this many times or until the client has gone.
    case flood([UInt8], times: Int)
    case pause(milliseconds: UInt32)
  }

  /// What to do on a connection when a request has come.
  struct Answer: Sendable {
    var steps: [Step]
    /// Whether the connection takes another request afterwards; otherwise it is closed.
    var staysOpen = false

    static func text(_ text: String) -> Answer { Answer(steps: [.send(Array(text.utf8))]) }

    /// A whole response, after which the connection stays open.
    static func response(_ status: String = "200 OK", headers: [String] = [], body: [UInt8] = []) -> Answer {
      let head =
        (["HTTP/1.1 \(status)", "Content-Length: \(body.count)"] + headers).joined(separator: "\r\n") + "\r\n\r\n"
      return Answer(steps: [.send(Array(head.utf8) + body)], staysOpen: true)
    }
  }

  let port: UInt16
  private let listener: Int32
  private let answer: @Sendable (String) -> Answer
  private let log = Mutex<[String]>([])
  private let accepted = Mutex(0)

  /// How many connections were made.
  var connections: Int { accepted.withLock { $0 } }

  /// The heads of the requests that came.
  var requests: [String] { log.withLock { $0 } }

  /// - Parameter answer: what to answer to a request, given with its head and as much of its body as came with it.
  init(answer: @escaping @Sendable (String) -> Answer) {
    self.answer = answer
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let listener = listener
    port = unsafe withUnsafeMutablePointer(to: &address) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status =
          unsafe bind(listener, address, length) | listen(listener, 128) | getsockname(listener, address, &length)
        precondition(status == 0, "no port on loopback")
      }
      return unsafe UInt16(bigEndian: address.pointee.sin_port)
    }
    Self.startThread { [self] in acceptConnections() }
  }

  func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }

  /// Ends the accepting thread; connections end with their clients.
  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func acceptConnections() {
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { break }
      accepted.withLock { $0 += 1 }
      Self.startThread { [self] in serve(connection) }
    }
    close(listener)
  }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      received += buffer[..<count]
      let text = String(decoding: received, as: UTF8.self)
      guard text.utf8.contains("\r\n\r\n".utf8) else { continue }
      received = []
      log.withLock { $0.append(text) }
      let answer = answer(text)
      for step in answer.steps { guard perform(step, on: connection) else { return } }
      guard answer.staysOpen else { return }
    }
  }

  private func perform(_ step: Step, on connection: Int32) -> Bool {
    switch step {
    case .send(let bytes): return send(bytes, on: connection)
    case .flood(let bytes, let times):
      for _ in 0..<times { guard send(bytes, on: connection) else { return false } }
      return true
    case .pause(let milliseconds):
      usleep(milliseconds * 1000)
      return true
    }
  }

  private func send(_ bytes: [UInt8], on connection: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let rest = Array(bytes[sent...])
      let count = sendBytes(connection, rest, rest.count, Int32(MSG_NOSIGNAL))
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  private static func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Body: Sendable {
      let run: @Sendable () -> Void
      init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
    var thread = pthread_t()
    let opaque = unsafe Unmanaged.passRetained(Body(body)).toOpaque()
    let status = unsafe pthread_create(
      &thread, nil,
      { opaque in
        unsafe Unmanaged<Body>.fromOpaque(opaque!).takeRetainedValue().run()
        return nil
      }, opaque)
    precondition(status == 0, "no thread for the server")
    pthread_detach(thread)
  }
}

extension String.UTF8View {
  /// Whether these bytes hold the others in a row.
  fileprivate func contains(_ other: String.UTF8View) -> Bool { firstRange(of: other) != nil }
}

/// `send` of the C library, whose name the class's own would hide.
private func sendBytes(_ socket: Int32, _ bytes: [UInt8], _ count: Int, _ flags: Int32) -> Int {
  unsafe send(socket, bytes, count, flags)
}
