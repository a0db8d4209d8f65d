import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An HTTP server for tests that performs a script for each request: valid responses, invalid bytes, pauses or nothing.
///
/// It has one thread that accepts connections and one thread per connection, so a connection that hangs does not delay
/// the others. It listens on all IPv4 addresses, so that a test can use many loopback addresses as different hosts.
package final class ScriptedServer: Sendable {
  package struct Request: Sendable {
    /// The local IPv4 address that the client connected to, such as `127.0.0.1`.
    package let host: String
    /// The request head, and the part of the body that arrived with it.
    package let text: String

    /// The path and query of the request line, or nil if the line is malformed.
    package var path: String? {
      let words = text.prefix { $0 != "\r\n" }.split(separator: " ")
      return words.count == 3 ? String(words[1]) : nil
    }
  }

  /// Returns the response to a request, or nil to close the connection.
  package typealias Handler = @Sendable (Request) -> ScriptedResponse?

  package let port: UInt16
  private let listener: Int32
  private let handler: Handler
  private let received = Mutex<[Request]>([])
  private let accepted = Mutex(0)

  /// The number of accepted connections.
  package var connections: Int { accepted.withLock { $0 } }

  /// All requests, in the order of their arrival.
  package var requests: [Request] { received.withLock { $0 } }

  package init(handler: @escaping Handler) throws {
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
    guard status == 0 else { throw Command.Failed(description: "the test server cannot listen: error \(errno)") }
    port = UInt16(bigEndian: address.sin_port)
    Threads.start { [self] in acceptConnections() }
  }

  package func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }

  /// Stops accepting connections. Open connections end when their clients disconnect.
  package func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func acceptConnections() {
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { break }
      accepted.withLock { $0 += 1 }
      Threads.start { [self] in serve(connection) }
    }
    close(listener)
  }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    let host = Self.localAddress(of: connection)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      bytes += buffer[..<count]
      guard bytes.firstRange(of: Array("\r\n\r\n".utf8)) != nil else { continue }
      let request = Request(host: host, text: String(decoding: bytes, as: UTF8.self))
      bytes = []
      received.withLock { $0.append(request) }
      guard let response = handler(request) else { return }
      for step in response.steps { guard perform(step, on: connection) else { return } }
      guard response.keepsAlive else { return }
    }
  }

  /// Performs one step; returns false if the connection must be closed.
  private func perform(_ step: ScriptedResponse.Step, on connection: Int32) -> Bool {
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
    case .pause(let milliseconds):
      usleep(milliseconds * 1000)
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
}
