import CPostgres

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One connection, closed when it goes out of scope.
///
/// Its calls wait on the socket in the calling thread, each no longer than its deadline: a process serves one request
/// at
/// a time, a statement takes tens of microseconds, and a transaction that can suspend is one that can hold its locks
/// while somebody else runs. It has one owner at a time, and may move between threads. It keeps no state in the
/// session, so it works through pgbouncer in transaction mode.
@safe
package struct Connection: ~Copyable, @unchecked Sendable {
  private let handle: OpaquePointer

  /// Begins to connect; ``finishConnecting(by:)`` waits for the rest.
  package static func start(_ url: DatabaseURL) throws(DatabaseError) -> Connection {
    let names = url.options.map(\.keyword)
    let values = url.options.map(\.value)
    let handle = unsafe withCStrings(names) { names in
      unsafe withCStrings(values) { values in unsafe PQconnectStartParams(names, values, 0) }
    }
    guard let handle = unsafe handle else { throw DatabaseError(.connection, "out of memory") }
    // Notices, such as that a table is there already, would go to stderr, which holds one JSON object a line.
    _ = unsafe PQsetNoticeProcessor(handle, { _, _ in }, nil)
    var connection = unsafe Connection(handle: handle)
    connection.advance()
    return connection
  }

  private init(handle: OpaquePointer) { unsafe self.handle = unsafe handle }

  deinit { unsafe PQfinish(handle) }

  /// What PQconnectPoll said last; before it was called it wants to write, says libpq's documentation.
  private var state = PGRES_POLLING_WRITING

  /// Sends what can be sent at once. A unix socket takes the first message, upon which the server has a process of it
  /// begin.
  private mutating func advance() {
    while unsafe PQstatus(handle) != CONNECTION_BAD, state == PGRES_POLLING_WRITING {
      var descriptor = pollfd(fd: unsafe PQsocket(handle), events: Int16(POLLOUT), revents: 0)
      guard unsafe poll(&descriptor, 1, 0) == 1 else { return }
      state = unsafe PQconnectPoll(handle)
    }
  }

  package mutating func finishConnecting(by deadline: ContinuousClock.Instant) throws(DatabaseError) {
    while state != PGRES_POLLING_OK {
      guard unsafe PQstatus(handle) != CONNECTION_BAD, state != PGRES_POLLING_FAILED else { throw unreachable() }
      try waitForSocket(state == PGRES_POLLING_READING ? POLLIN : POLLOUT, by: deadline)
      state = unsafe PQconnectPoll(handle)
    }
    unsafe PQsetnonblocking(handle, 1)
  }

  /// False once the connection broke: it must be replaced, not used again.
  var isUsable: Bool {
    unsafe PQstatus(handle) == CONNECTION_OK && PQtransactionStatus(handle) == PQTRANS_IDLE
      && PQpipelineStatus(handle) == PQ_PIPELINE_OFF
  }

  /// Statements that were sent, and whose results are not read yet (libpq's documentation, "Pipeline Mode").
  private var sent: [String] = []
  /// Why one of them could not be sent.
  private var unsent: DatabaseError?

  /// Has the server begin a statement; ``run(_:by:)`` reads its result together with its own.
  mutating func send(_ query: Query) {
    // After one that was not sent nothing may run, a commit least of all.
    guard unsent == nil else { return }
    do throws(DatabaseError) {
      if sent.isEmpty { guard unsafe PQenterPipelineMode(handle) == 1 else { throw unreachable() } }
      try write(query)
      sent.append(query.text)
      // What the socket does not take now goes with the next.
      unsafe PQflush(handle)
    } catch {
      unsent = error
    }
  }

  /// Runs one statement, its parameters beside it, and reads its whole result; after others were sent, if all of them
  /// succeeded.
  mutating func run(_ query: Query, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Result {
    if !sent.isEmpty || unsent != nil {
      send(query)
      if let last = try finishSent(by: deadline) { return last }
      throw unreachable()
    }
    try write(query)
    return try awaitResult(of: query.text, by: deadline)
  }

  /// Reads the results of what was sent; the first that is a failure is thrown, for what comes after it did not run.
  ///
  /// - Returns: the last one's.
  @discardableResult
  mutating func finishSent(by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Result? {
    let texts = sent
    var failure = unsent
    (sent, unsent) = ([], nil)
    var last: Result?
    if !texts.isEmpty {
      guard unsafe PQpipelineSync(handle) == 1 else { throw unreachable() }
      for text in texts {
        while let result = try nextResult(by: deadline) {
          if failure == nil { failure = result.failure(of: text) }
          last = consume result
        }
      }
      // That of the synchronisation: the server is ready for what comes next.
      guard try nextResult(by: deadline) != nil, unsafe PQexitPipelineMode(handle) == 1 else { throw unreachable() }
    }
    if let failure { throw failure }
    return last
  }

  /// Runs statements without parameters, several in one text, in one round trip.
  mutating func runScript(_ text: String, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Result {
    try finishSent(by: deadline)
    guard unsafe PQsendQuery(handle, text) == 1 else { throw unreachable() }
    return try awaitResult(of: text, by: deadline)
  }

  private func write(_ query: Query) throws(DatabaseError) {
    let isWritten = unsafe withParameters(query.parameters) { types, values, lengths, formats in
      unsafe PQsendQueryParams(handle, query.text, Int32(query.parameters.count), types, values, lengths, formats, 1)
    }
    guard isWritten == 1 else { throw unreachable() }
  }

  /// The last result; the first error of several results wins.
  private mutating func awaitResult(
    of text: String, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> Result {
    var last: Result?
    var failure: DatabaseError?
    while let result = try nextResult(by: deadline) {
      if failure == nil { failure = result.failure(of: text) }
      last = consume result
    }
    if let failure { throw failure }
    guard let last else { throw unreachable() }
    return last
  }

  /// Sends what is still to be sent, and waits; nil at the end of a statement's results.
  private mutating func nextResult(by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Result? {
    do throws(DatabaseError) {
      while unsafe PQflush(handle) == 1 {
        try waitForSocket(POLLOUT | POLLIN, by: deadline)
        unsafe PQconsumeInput(handle)
      }
      while unsafe PQisBusy(handle) == 1 {
        try waitForSocket(POLLIN, by: deadline)
        guard unsafe PQconsumeInput(handle) == 1 else { throw unreachable() }
      }
    } catch {
      if error.code == .timedOut { cancel() }
      throw error
    }
    return unsafe PQgetResult(handle).map { unsafe Result($0) }
  }

  /// Asks the server to stop; the connection is not used again, so the answer does not matter.
  private func cancel() {
    guard let cancel = unsafe PQgetCancel(handle) else { return }
    var scrap = [CChar](repeating: 0, count: 256)
    unsafe scrap.withUnsafeMutableBufferPointer { _ = unsafe PQcancel(cancel, $0.baseAddress, Int32($0.count)) }
    unsafe PQfreeCancel(cancel)
  }

  private func waitForSocket(_ events: Int32, by deadline: ContinuousClock.Instant) throws(DatabaseError) {
    while true {
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { throw DatabaseError(.timedOut, "no answer from the database within the time given") }
      var descriptor = pollfd(fd: unsafe PQsocket(handle), events: Int16(events), revents: 0)
      let count = unsafe poll(&descriptor, 1, Int32(left.milliseconds) + 1)
      if count > 0 { return }
      if count < 0 && errno != EINTR { throw unreachable() }
    }
  }

  private func unreachable() -> DatabaseError {
    // libpq's text names host and user, not the password; it goes to the log alone.
    let text = unsafe String(cString: PQerrorMessage(handle))
    return DatabaseError(
      .connection, text.isEmpty ? "no connection" : text.split(separator: "\n").joined(separator: " "))
  }
}

private func withCStrings<R>(
  _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R
) -> R {
  let copies = unsafe strings.map { unsafe strdup($0) }
  defer { for unsafe pointer in unsafe copies { unsafe free(pointer) } }
  let pointers = unsafe copies.map { unsafe UnsafePointer($0) } + [nil]
  return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress!) }
}

private func withParameters<R>(
  _ parameters: [Parameter],
  _ body: (UnsafePointer<Oid>?, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) ->
    R
) -> R {
  let types = parameters.map(\.type.rawValue)
  let lengths = parameters.map { Int32($0.bytes?.count ?? 0) }
  let formats = [Int32](repeating: 1, count: parameters.count)
  // One buffer holds all values; a parameter of no bytes points at its end, for NULL is what a null pointer means.
  let buffer: [CChar] = parameters.flatMap { ($0.bytes ?? []).map { CChar(bitPattern: $0) } } + [0]
  return unsafe buffer.withUnsafeBufferPointer { base in
    var offset = 0
    let values: [UnsafePointer<CChar>?] = unsafe parameters.map { parameter in
      guard let bytes = parameter.bytes else { return nil }
      defer { offset += bytes.count }
      return unsafe base.baseAddress! + offset
    }
    return unsafe body(types, values, lengths, formats)
  }
}
