#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file descriptor of the process that is read to its end and written without partial writes.
package struct Descriptor: Sendable {
  let number: Int32

  package static let standardInput = Descriptor(number: 0)
  package static let standardOutput = Descriptor(number: 1)
  package static let standardError = Descriptor(number: 2)

  /// Opens `/dev/null` for each closed standard descriptor. Otherwise the first socket of the process would become its
  /// standard input.
  package static func openClosedStandardDescriptors() {
    for number in Int32(0)...2 where fcntl(number, F_GETFD) == -1 {
      _ = unsafe open("/dev/null", number == 0 ? O_RDONLY : O_WRONLY)
    }
  }

  /// Reads to the end.
  ///
  /// - Returns: nil if there are more than `limit` bytes. Up to ten times as many are read and dropped, so that the
  ///   writer gets a response instead of a broken pipe.
  package func readAll(limit: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    var total = 0
    while total <= limit * 10 {
      // Not initialized with zeros, because most events need a small part of the buffer.
      let chunk = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
        count = max(0, retryingOnInterrupt { unsafe read(number, buffer.baseAddress!, buffer.count) })
      }
      if chunk.isEmpty { break }
      total += chunk.count
      if total <= limit { bytes += chunk } else { bytes = [] }
    }
    return total > limit ? nil : bytes
  }

  /// Writes all bytes.
  ///
  /// - Returns: false if writing failed.
  @discardableResult
  package func write(_ bytes: [UInt8]) -> Bool {
    unsafe bytes.withUnsafeBytes { buffer in
      var offset = 0
      while offset < buffer.count {
        let count = retryingOnInterrupt {
          #if canImport(Glibc)
            unsafe Glibc.write(number, buffer.baseAddress! + offset, buffer.count - offset)
          #else
            unsafe Musl.write(number, buffer.baseAddress! + offset, buffer.count - offset)
          #endif
        }
        guard count > 0 else { return false }
        offset += count
      }
      return true
    }
  }
}

/// Repeats a system call that a signal interrupted (`EINTR`).
private func retryingOnInterrupt(_ call: () -> Int) -> Int {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}

/// Writes a line of text to stderr.
package func printError(_ text: String) {
  Descriptor.standardError.write(Array("\(text)\n".utf8))
}
