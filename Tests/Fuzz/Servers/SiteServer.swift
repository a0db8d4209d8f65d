import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An HTTP server on every address of loopback, a site on each, and a thread for each connection.
final class SiteServer: Sendable {
  /// What a site answers to a request for a path; nil where no site has that address.
  typealias Handler = @Sendable (_ host: String, _ path: String) -> Answer?

  let port: UInt16
  private let listener: Int32
  private let handler: Handler
  private let strays = Mutex<[String]>([])

  /// Addresses that were dialled and have no site.
  var dialledWithoutSite: [String] { strays.withLock { $0 } }

  init(handler: @escaping Handler) throws {
    self.handler = handler
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe bind(listener, pointer, length) | listen(listener, 512) | getsockname(listener, pointer, &length)
      }
    }
    guard status == 0 else { throw Violation("there is a port for the servers") }
    port = UInt16(bigEndian: address.sin_port)
    Self.startThread { [self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        Self.startThread { [self] in serve(connection) }
      }
    }
  }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    let host = Self.localAddress(of: connection)
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = unsafe recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      received += buffer[..<count]
      guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else { continue }
      let head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
      received.removeSubrange(..<end.upperBound)
      let words = head.prefix { $0 != "\r\n" }.split(separator: " ")
      guard words.count == 3, let answer = handler(host, String(words[1])) else {
        strays.withLock { $0.append(host) }
        return
      }
      for step in answer.steps { guard perform(step, on: connection) else { return } }
      guard answer.staysOpen else { return }
    }
  }

  private func perform(_ step: Answer.Step, on connection: Int32) -> Bool {
    switch step {
    case .send(let bytes): return write(bytes[...], on: connection)
    case .flood(let bytes, let times):
      for _ in 0..<times { guard write(bytes[...], on: connection) else { return false } }
      return true
    case .drip(let bytes, let milliseconds):
      for index in bytes.indices {
        guard write(bytes[index...index], on: connection) else { return false }
        usleep(milliseconds * 1000)
      }
      return true
    case .silence:
      var byte: UInt8 = 0
      while unsafe recv(connection, &byte, 1, 0) > 0 {}
      return false
    case .reset:
      var linger = linger(l_onoff: 1, l_linger: 0)
      unsafe setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
      return false
    }
  }

  private func write(_ bytes: ArraySlice<UInt8>, on connection: Int32) -> Bool {
    unsafe bytes.withUnsafeBytes { buffer in
      var sent = 0
      while sent < buffer.count {
        let count = unsafe send(connection, buffer.baseAddress! + sent, buffer.count - sent, Int32(MSG_NOSIGNAL))
        guard count > 0 else { return false }
        sent += count
      }
      return true
    }
  }

  private static func localAddress(of connection: Int32) -> String {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(connection, $0, &length) }
    }
    let number = UInt32(bigEndian: address.sin_addr.s_addr)
    return [24, 16, 8, 0].map { String(number >> $0 & 255) }.joined(separator: ".")
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
    precondition(status == 0, "no thread for a server")
    pthread_detach(thread)
  }
}
