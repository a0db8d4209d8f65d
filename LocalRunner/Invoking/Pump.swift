import Contract

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Copies bytes to a child's stdin and from its stdout and stderr at the same time, so that full pipes cannot block
/// either side.
struct Pump {
  private let input: [UInt8]
  private let limit: Int
  private var written = 0
  private var inputWrite: Int32?
  private var outputRead: Int32?
  private var errorRead: Int32?
  private(set) var output: [UInt8] = []
  /// The status from `waitpid`, after the child has ended.
  private(set) var waitStatus: Int32?

  init(input: [UInt8], inputWrite: Int32, outputRead: Int32, errorRead: Int32?, limit: Int) {
    self.input = input
    self.limit = limit
    self.inputWrite = inputWrite
    self.outputRead = outputRead
    self.errorRead = errorRead
    for descriptor in [inputWrite, outputRead] + (errorRead.map { [$0] } ?? []) {
      _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }
  }

  /// Runs until the child has ended and its output has been read.
  ///
  /// - Returns: true if the deadline passed first or the output exceeded the limit.
  mutating func run(
    child: pid_t, deadline: ContinuousClock.Instant, _ onErrorOutput: ((ArraySlice<UInt8>) -> Void)?
  ) -> Bool {
    defer { closeAll() }
    var hasEnded = false
    while true {
      if outputRead == nil, errorRead == nil, reap(child) { return false }
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { return true }
      let milliseconds = Int32(min(20, left.milliseconds + 1))
      let count = move(waiting: outputRead == nil && errorRead == nil ? 1 : milliseconds, onErrorOutput)
      // A grandchild may hold the pipes open. After the child has ended, only output that is already there is read.
      if hasEnded, count == 0 { return false }
      if count == 0 { hasEnded = reap(child) }
      if output.count > limit { return true }
    }
  }

  private mutating func reap(_ child: pid_t) -> Bool {
    if waitStatus != nil { return true }
    var status: Int32 = 0
    guard unsafe waitpid(child, &status, WNOHANG) == child else { return false }
    waitStatus = status
    return true
  }

  /// Waits until pipes are ready, then reads from them or writes to them.
  ///
  /// - Returns: the number of pipes that were ready.
  private mutating func move(waiting milliseconds: Int32, _ onErrorOutput: ((ArraySlice<UInt8>) -> Void)?) -> Int32 {
    if let descriptor = inputWrite, written == input.count {
      close(descriptor)
      inputWrite = nil
    }
    var polled: [pollfd] = []
    if let inputWrite { polled.append(pollfd(fd: inputWrite, events: Int16(POLLOUT), revents: 0)) }
    for descriptor in [outputRead, errorRead].compactMap({ $0 }) {
      polled.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
    }
    let count = unsafe poll(&polled, nfds_t(polled.count), milliseconds)
    guard count > 0 else { return 0 }
    for entry in polled where entry.revents != 0 {
      if entry.fd == inputWrite { writeSome(entry.fd) }
      if entry.fd == outputRead { outputRead = readSome(entry.fd) { output += $0 } ? outputRead : nil }
      if entry.fd == errorRead { errorRead = readSome(entry.fd) { onErrorOutput?($0) } ? errorRead : nil }
    }
    return count
  }

  private mutating func writeSome(_ descriptor: Int32) {
    let count = unsafe input.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress! + written, $0.count - written) }
    if count > 0 {
      written += count
    } else if count < 0, errno != EAGAIN, errno != EINTR {
      // The child has closed its stdin without reading all of it, which is allowed.
      close(descriptor)
      inputWrite = nil
    }
  }

  /// Reads once from a descriptor, and closes it at the end of its input.
  ///
  /// - Returns: false at the end of the input.
  private func readSome(_ descriptor: Int32, _ take: (ArraySlice<UInt8>) -> Void) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress!, $0.count) }
    if count > 0 {
      take(buffer[..<count])
      return true
    }
    if count < 0, errno == EAGAIN || errno == EINTR { return true }
    close(descriptor)
    return false
  }

  private mutating func closeAll() {
    for descriptor in [inputWrite, outputRead, errorRead].compactMap({ $0 }) { close(descriptor) }
    (inputWrite, outputRead, errorRead) = (nil, nil, nil)
  }
}
