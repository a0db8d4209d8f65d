import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A named pipe with a full buffer, so that every write to it blocks.
struct FullPipe: ~Copyable {
  let path = "/tmp/llmtxt-full-\(UUID().uuidString)"
  private let descriptor: Int32

  init() {
    unsafe mkfifo(path, 0o600)
    descriptor = unsafe open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    let bytes = [UInt8](repeating: 0x20, count: 4_096)
    while unsafe write(descriptor, bytes, bytes.count) > 0 {}
    // Fill the rest of the buffer to the last byte.
    while unsafe write(descriptor, bytes, 1) > 0 {}
  }

  deinit {
    close(descriptor)
    unsafe unlink(path)
  }
}
