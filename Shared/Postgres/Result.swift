import CPostgres

/// What a statement gave, freed when it goes out of scope.
@safe
struct Result: ~Copyable {
  private let handle: OpaquePointer

  init(_ handle: OpaquePointer) { unsafe self.handle = unsafe handle }

  deinit { unsafe PQclear(handle) }

  var rowCount: Int { Int(unsafe PQntuples(handle)) }
  private var columnCount: Int { Int(unsafe PQnfields(handle)) }

  /// What was done, such as `COMMIT` or `INSERT 0 1`.
  var commandTag: String { unsafe String(cString: PQcmdStatus(handle)) }

  /// Rows that an INSERT, UPDATE or DELETE touched.
  var affectedRows: Int { unsafe Int(String(cString: PQcmdTuples(handle))) ?? 0 }

  /// What the server said against the statement, if anything.
  func failure(of text: String) -> DatabaseError? {
    switch unsafe PQresultStatus(handle) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return nil
    default: break
    }
    guard let state = field("C") else { return DatabaseError(.connection, "the connection broke") }
    // An administrator's or a crash's end of the session (class 57P), or a connection exception (08).
    if state.hasPrefix("57P") || state.hasPrefix("08") { return DatabaseError(.connection, "SQLSTATE \(state)") }
    if state == "57014" { return DatabaseError(.timedOut, "the statement was cancelled") }
    let statement = text.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(200)
    return DatabaseError(.statement(sqlState: state), String(statement), constraint: field("n"))
  }

  /// A field of the error, by its code in the protocol (PostgreSQL's manual, 55.8).
  private func field(_ code: Unicode.Scalar) -> String? {
    unsafe PQresultErrorField(handle, Int32(code.value)).map { unsafe String(cString: $0) }
  }

  func rows<each Column: ColumnDecodable>(
    _ types: repeat (each Column).Type
  ) throws(DatabaseError) -> [(repeat each Column)] {
    var rows: [(repeat each Column)] = []
    rows.reserveCapacity(rowCount)
    for row in 0..<rowCount {
      var column = 0
      func next<Value: ColumnDecodable>(_ type: Value.Type) throws(DatabaseError) -> Value {
        defer { column += 1 }
        return try value(type, row: row, column: column)
      }
      try rows.append((repeat next(each types)))
    }
    return rows
  }

  private func value<Value: ColumnDecodable>(
    _ type: Value.Type, row: Int, column: Int
  ) throws(DatabaseError) -> Value {
    guard column < columnCount else { throw DatabaseError(.decoding, "column \(column + 1) was not selected") }
    let row = Int32(row)
    let index = Int32(column)
    let name = unsafe String(cString: PQfname(handle, index))
    guard unsafe PQgetisnull(handle, row, index) == 0 else {
      if let null = Value.null { return null }
      throw DatabaseError(.decoding, "column \(name) is NULL, and was read as \(type)")
    }
    let columnType = TypeID(rawValue: unsafe PQftype(handle, index))
    let length = Int(unsafe PQgetlength(handle, row, index))
    let bytes = unsafe UnsafeBufferPointer(start: PQgetvalue(handle, row, index), count: length)
    guard Value.columnTypes.contains(columnType),
      let value = unsafe Value(column: bytes.map { UInt8(bitPattern: $0) }, type: columnType)
    else {
      throw DatabaseError(.decoding, "column \(name) has type \(columnType.rawValue), and was read as \(type)")
    }
    return value
  }
}
