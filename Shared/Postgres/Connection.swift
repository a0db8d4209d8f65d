import CPostgres

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One connection to PostgreSQL, closed when it goes out of scope.
///
/// Each call blocks its thread until the server answers or the deadline passes. Blocking is acceptable because a
/// process serves one request at a time and a statement takes tens of microseconds; and a transaction that could
/// suspend would hold its locks while other tasks run. A connection has one owner at a time, and can move between
/// threads. It changes no session state, so it works through pgbouncer in transaction mode.
@safe
package struct Connection: ~Copyable, @unchecked Sendable {
  private let handle: OpaquePointer

  /// Starts to connect without waiting; ``finishConnecting(by:)`` completes the handshake.
  package static func start(_ url: DatabaseURL) throws(DatabaseError) -> Connection {
    let names = url.options.map(\.keyword)
    let values = url.options.map(\.value)
    let handle = unsafe withCStrings(names) { names in
      unsafe withCStrings(values) { values in unsafe PQconnectStartParams(names, values, 0) }
    }
    guard let handle = unsafe handle else { throw DatabaseError(.connection, "out of memory") }
    // Discard notices such as "relation already exists, skipping": libpq would print them to stderr, but every line
    // there must be JSON.
    _ = unsafe PQsetNoticeProcessor(handle, { _, _ in }, nil)
    var connection = unsafe Connection(handle: handle)
    connection.advance()
    return connection
  }

  private init(handle: OpaquePointer) { unsafe self.handle = unsafe handle }

  deinit { unsafe PQfinish(handle) }

  /// The last result of PQconnectPoll. Before its first call, libpq's documentation says to treat it as writing.
  private var state = PGRES_POLLING_WRITING

  /// Sends as much of the handshake as the socket accepts. On a unix socket that is enough for the server to fork its
  /// backend while this process continues.
  private mutating func advance() {
    while unsafe PQstatus(handle) != CONNECTION_BAD, state == PGRES_POLLING_WRITING {
      var descriptor = pollfd(fd: unsafe PQsocket(handle), events: Int16(POLLOUT), revents: 0)
      guard unsafe poll(&descriptor, 1, 0) == 1 else { return }
      state = unsafe PQconnectPoll(handle)
    }
  }

  package mutating func finishConnecting(by deadline: ContinuousClock.Instant) throws(DatabaseError) {
    while state != PGRES_POLLING_OK {
      guard unsafe PQstatus(handle) != CONNECTION_BAD, state != PGRES_POLLING_FAILED else { throw connectionError() }
      try waitForSocket(state == PGRES_POLLING_READING ? POLLIN : POLLOUT, by: deadline)
      state = unsafe PQconnectPoll(handle)
    }
    unsafe PQsetnonblocking(handle, 1)
  }

  /// Whether the connection is idle and unbroken. Otherwise it must be replaced.
  var isUsable: Bool {
    unsafe PQstatus(handle) == CONNECTION_OK && PQtransactionStatus(handle) == PQTRANS_IDLE
      && PQpipelineStatus(handle) == PQ_PIPELINE_OFF
  }

  /// The texts of the statements that were sent but not awaited yet (libpq documentation, "Pipeline Mode").
  private var pending: [String] = []
  /// The error of a statement that could not be sent.
  private var sendError: DatabaseError?

  /// Sends a statement without waiting for its result, which the next ``run(_:by:)`` reads.
  mutating func send(_ query: Query) {
    // If a statement could not be sent, no later one may run, in particular no commit.
    guard sendError == nil else { return }
    do throws(DatabaseError) {
      if pending.isEmpty { guard unsafe PQenterPipelineMode(handle) == 1 else { throw connectionError() } }
      try write(query)
      pending.append(query.text)
      // Bytes that the socket does not accept now are sent with the next statement.
      unsafe PQflush(handle)
    } catch {
      sendError = error
    }
  }

  /// Runs one statement and reads its result. It runs only if all pending statements succeed.
  mutating func run(_ query: Query, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> QueryResult {
    if !pending.isEmpty || sendError != nil {
      send(query)
      if let last = try finishPending(by: deadline) { return last }
      throw connectionError()
    }
    try write(query)
    return try awaitResult(of: query.text, by: deadline)
  }

  /// Reads the results of the pending statements.
  ///
  /// - Returns: the last result.
  /// - Throws: the first error; the statements after it did not run.
  @discardableResult
  mutating func finishPending(by deadline: ContinuousClock.Instant) throws(DatabaseError) -> QueryResult? {
    let texts = pending
    var failure = sendError
    (pending, sendError) = ([], nil)
    var last: QueryResult?
    if !texts.isEmpty {
      guard unsafe PQpipelineSync(handle) == 1 else { throw connectionError() }
      for text in texts {
        while let result = try nextResult(by: deadline) {
          if failure == nil { failure = result.failure(of: text) }
          last = consume result
        }
      }
      // The last result belongs to the synchronisation point, after which the server accepts new statements.
      guard try nextResult(by: deadline) != nil, unsafe PQexitPipelineMode(handle) == 1 else { throw connectionError() }
    }
    if let failure { throw failure }
    return last
  }

  /// Runs a text of several statements without parameters in one round trip.
  mutating func runScript(_ text: String, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> QueryResult {
    try finishPending(by: deadline)
    guard unsafe PQsendQuery(handle, text) == 1 else { throw connectionError() }
    return try awaitResult(of: text, by: deadline)
  }

  private func write(_ query: Query) throws(DatabaseError) {
    let isWritten = unsafe withParameters(query.parameters) { types, values, lengths, formats in
      unsafe PQsendQueryParams(handle, query.text, Int32(query.parameters.count), types, values, lengths, formats, 1)
    }
    guard isWritten == 1 else { throw connectionError() }
  }

  /// Reads all results of the statement `text` and returns the last one. If any failed, it throws the first error.
  private mutating func awaitResult(
    of text: String, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> QueryResult {
    var last: QueryResult?
    var failure: DatabaseError?
    while let result = try nextResult(by: deadline) {
      if failure == nil { failure = result.failure(of: text) }
      last = consume result
    }
    if let failure { throw failure }
    guard let last else { throw connectionError() }
    return last
  }

  /// Sends buffered bytes and waits for the next result. Returns nil after the last result of a statement.
  private mutating func nextResult(by deadline: ContinuousClock.Instant) throws(DatabaseError) -> QueryResult? {
    do throws(DatabaseError) {
      while unsafe PQflush(handle) == 1 {
        try waitForSocket(POLLOUT | POLLIN, by: deadline)
        unsafe PQconsumeInput(handle)
      }
      while unsafe PQisBusy(handle) == 1 {
        try waitForSocket(POLLIN, by: deadline)
        guard unsafe PQconsumeInput(handle) == 1 else { throw connectionError() }
      }
    } catch {
      if error.code == .timedOut { cancel() }
      throw error
    }
    return unsafe PQgetResult(handle).map { unsafe QueryResult($0) }
  }

  /// Asks the server to cancel the running statement. The connection is not reused, so the answer is ignored.
  private func cancel() {
    guard let cancel = unsafe PQgetCancel(handle) else { return }
    var errorText = [CChar](repeating: 0, count: 256)
    unsafe errorText.withUnsafeMutableBufferPointer { _ = unsafe PQcancel(cancel, $0.baseAddress, Int32($0.count)) }
    unsafe PQfreeCancel(cancel)
  }

  private func waitForSocket(_ events: Int32, by deadline: ContinuousClock.Instant) throws(DatabaseError) {
    while true {
      let remaining = ContinuousClock.now.duration(to: deadline)
      guard remaining > .zero else { throw DatabaseError(.timedOut, "the database did not answer before the deadline") }
      var descriptor = pollfd(fd: unsafe PQsocket(handle), events: Int16(events), revents: 0)
      let count = unsafe poll(&descriptor, 1, Int32(remaining.timeoutMilliseconds) + 1)
      if count > 0 { return }
      if count < 0 && errno != EINTR { throw connectionError() }
    }
  }

  private func connectionError() -> DatabaseError {
    // libpq's message contains the host and the user but not the password. It is only logged.
    let text = unsafe String(cString: PQerrorMessage(handle))
    return DatabaseError(
      .connection, text.isEmpty ? "the connection failed" : text.split(separator: "\n").joined(separator: " "))
  }
}

private func withCStrings<R>(
  _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R
) -> R {
  let copies = unsafe strings.map { unsafe strdup($0) }
  defer { for index in unsafe copies.indices { unsafe free(copies[index]) } }
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
  // One buffer contains all values. An empty value needs a pointer too, because a null pointer means NULL.
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
