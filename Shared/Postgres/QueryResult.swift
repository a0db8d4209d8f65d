import CPostgres

/// The result of one statement: its rows and its status. The libpq result is freed when it goes out of scope.
@safe
struct QueryResult: ~Copyable {
  private let handle: OpaquePointer

  init(_ handle: OpaquePointer) { unsafe self.handle = unsafe handle }

  deinit { unsafe PQclear(handle) }

  var rowCount: Int { Int(unsafe PQntuples(handle)) }

  /// The names of the columns, in the order of the statement.
  var columnNames: [String] {
    unsafe (0..<PQnfields(handle)).map { unsafe String(cString: PQfname(handle, $0)) }
  }

  /// The completed command, such as `COMMIT` or `INSERT 0 1`.
  var commandTag: String { unsafe String(cString: PQcmdStatus(handle)) }

  /// The number of rows that an INSERT, UPDATE, DELETE or SELECT affected.
  var affectedRows: Int { unsafe Int(String(cString: PQcmdTuples(handle))) ?? 0 }

  /// The error that the server reported for the statement `text`, or nil if the statement succeeded.
  func failure(of text: String) -> DatabaseError? {
    switch unsafe PQresultStatus(handle) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return nil
    default: break
    }
    guard let state = field("C") else { return DatabaseError(.connection, "the connection broke") }
    // An administrator or a crash ended the session (class 57P), or the connection failed (class 08).
    if state.hasPrefix("57P") || state.hasPrefix("08") { return DatabaseError(.connection, "SQLSTATE \(state)") }
    if state == "57014" { return DatabaseError(.timedOut, "the statement was cancelled") }
    let statement = text.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(200)
    return DatabaseError(.statement(sqlState: state), String(statement), constraint: field("n"))
  }

  /// A field of the server's error, by its code in the protocol (PostgreSQL manual, section 55.8).
  private func field(_ code: Unicode.Scalar) -> String? {
    unsafe PQresultErrorField(handle, Int32(code.value)).map { unsafe String(cString: $0) }
  }

  /// Decodes every row as a `Row`. Its properties are matched to columns by name; see ``RowDecoder``.
  consuming func rows<Row: Decodable>(_ type: Row.Type) throws(DatabaseError) -> [Row] {
    let count = rowCount
    let table = RowTable(self)
    var rows: [Row] = []
    rows.reserveCapacity(count)
    for index in 0..<count { try rows.append(RowDecoder(table, row: index).decode(type)) }
    return rows
  }

  /// Decodes the first column of every row.
  func rows<Column: ColumnDecodable>(_ type: Column.Type) throws(DatabaseError) -> [Column] {
    var values: [Column] = []
    values.reserveCapacity(rowCount)
    for row in 0..<rowCount { try values.append(value(type, row: row, column: 0)) }
    return values
  }

  func isNull(row: Int, column: Int) -> Bool { unsafe PQgetisnull(handle, Int32(row), Int32(column)) == 1 }

  /// Decodes one value.
  ///
  /// - Throws: ``DatabaseError/Code/decoding``, with the name of the column, if the result has no such column, the
  ///   value is NULL but `Value` is not optional, or the column has a type that `Value` is not decoded from.
  func value<Value: ColumnDecodable>(_ type: Value.Type, row: Int, column: Int) throws(DatabaseError) -> Value {
    let row = Int32(row)
    let index = Int32(column)
    guard unsafe index < PQnfields(handle) else {
      throw DatabaseError(.decoding, "the statement selects no column \(column + 1)")
    }
    guard unsafe PQgetisnull(handle, row, index) == 0 else {
      if let null = Value.null { return null }
      throw DatabaseError(.decoding, "column \(name(of: index)) is NULL, but \(type) is not optional")
    }
    let columnType = TypeID(rawValue: unsafe PQftype(handle, index))
    let length = Int(unsafe PQgetlength(handle, row, index))
    let bytes = unsafe UnsafeBufferPointer(start: PQgetvalue(handle, row, index), count: length)
    guard Value.columnTypes.contains(columnType),
      let value = unsafe Value(column: bytes.map { UInt8(bitPattern: $0) }, type: columnType)
    else {
      throw DatabaseError(
        .decoding, "column \(name(of: index)) has type \(columnType.rawValue) and cannot be decoded as \(type)")
    }
    return value
  }

  private func name(of column: Int32) -> String { unsafe String(cString: PQfname(handle, column)) }
}
