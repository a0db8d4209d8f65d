/// Decodes one row into a `Decodable` type. Its coding keys name the columns.
///
/// ```swift
/// struct Grant: Decodable {
///   let accountID: UUID      // column account_id
///   let plan: Plan           // column plan; enum Plan: String, Decodable
///   let endsAt: Date?        // column ends_at, may be NULL
/// }
/// let grants = try database.rows("SELECT account_id, plan, ends_at FROM grants", as: Grant.self, by: deadline)
/// ```
/// A key in camelCase names a column in snake_case; a run of capitals counts as one word (``columnName(of:)``). Types
/// that conform to ``ColumnDecodable`` are decoded from the column's binary value, and other types through a
/// `singleValueContainer`. A type that uses such a container for the whole row gets the first column.
///
/// Every error is a ``DatabaseError`` with the code ``DatabaseError/Code/decoding`` that names the column and never its
/// value. A column that the result lacks is an error for optional properties too.
struct RowDecoder: Decoder {
  private let table: RowTable
  private let row: Int

  init(_ table: RowTable, row: Int) {
    self.table = table
    self.row = row
  }

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func decode<Row: Decodable>(_ type: Row.Type) throws(DatabaseError) -> Row {
    do {
      return try Row(from: self)
    } catch let error as DatabaseError {
      throw error
    } catch {
      throw DatabaseError(.decoding, "a row is not a valid \(type)")
    }
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(Columns(table: table, row: row))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    throw DatabaseError(.decoding, "a row cannot be decoded as an array")
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    ColumnDecoder(table: table, row: row, column: 0)
  }

  /// The snake_case name of a key in camelCase: `accountID` is `account_id`, and `jwksURL` is `jwks_url`.
  ///
  /// A word begins at a capital after a small letter or digit, and at the last capital of a run that a small letter
  /// follows: `htmlURLPath` is `html_url_path`. A key that is in snake_case already is returned unchanged.
  static func columnName(of key: String) -> String {
    let letters = Array(key)
    var name = ""
    for (index, letter) in letters.enumerated() {
      if letter.isUppercase, index > 0, letters[index - 1] != "_" {
        let isEndOfRun = index + 1 < letters.count && letters[index + 1].isLowercase
        if !letters[index - 1].isUppercase || isEndOfRun { name.append("_") }
      }
      name += letter.lowercased()
    }
    return name
  }
}

/// A result and its columns by coding key. It looks up each column once, not once per row.
final class RowTable {
  let result: QueryResult
  private let columnNames: [String]
  private var columns: [String: Int] = [:]

  init(_ result: consuming QueryResult) {
    columnNames = result.columnNames
    self.result = result
  }

  /// The index of the column that `key` names.
  func column(of key: some CodingKey) throws(DatabaseError) -> Int {
    if let column = columns[key.stringValue] { return column }
    let name = RowDecoder.columnName(of: key.stringValue)
    guard let column = columnNames.firstIndex(of: name) else {
      throw DatabaseError(
        .decoding, "the statement selects no column \(name), only \(columnNames.joined(separator: ", "))")
    }
    guard columnNames.lastIndex(of: name) == column else {
      throw DatabaseError(.decoding, "the statement selects two columns named \(name); rename one with AS")
    }
    columns[key.stringValue] = column
    return column
  }

  func decode<Value: Decodable>(_ type: Value.Type, row: Int, column: Int) throws(DatabaseError) -> Value {
    if let type = type as? any ColumnDecodable.Type {
      // The cast cannot fail: both types are the same.
      return try result.value(type, row: row, column: column) as! Value
    }
    // `Value(from:)` of another number type would ask its container for the same type again, without end.
    guard !(type is any Numeric.Type) else {
      throw DatabaseError(.decoding, "column \(columnNames[column]) cannot be decoded as \(type); use Int or Double")
    }
    do {
      return try Value(from: ColumnDecoder(table: self, row: row, column: column))
    } catch let error as DatabaseError {
      throw error
    } catch {
      // The text of a DecodingError can quote the value.
      throw DatabaseError(.decoding, "column \(columnNames[column]) is not a valid \(type)")
    }
  }
}

/// The columns of one row, as the keyed container of a ``RowDecoder``.
private struct Columns<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let table: RowTable
  let row: Int

  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { table.result.columnNames.compactMap { Key(stringValue: $0) } }

  /// Always true, so that an optional property without a column reaches ``decodeNil(forKey:)``, which throws.
  func contains(_ key: Key) -> Bool { true }

  func decodeNil(forKey key: Key) throws -> Bool {
    table.result.isNull(row: row, column: try table.column(of: key))
  }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try table.decode(type, row: row, column: try table.column(of: key))
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    throw DatabaseError(.decoding, "column \(key.stringValue) cannot be decoded as an object")
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    throw DatabaseError(.decoding, "column \(key.stringValue) cannot be decoded as an array")
  }

  func superDecoder() throws -> any Decoder {
    throw DatabaseError(.decoding, "a row cannot be decoded as a subclass")
  }

  func superDecoder(forKey key: Key) throws -> any Decoder { try superDecoder() }
}

/// Decodes one column of one row as a single value, such as a `RawRepresentable` type.
private struct ColumnDecoder: Decoder, SingleValueDecodingContainer {
  let table: RowTable
  let row: Int
  let column: Int

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { table.result.isNull(row: row, column: column) }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try table.decode(type, row: row, column: column)
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    throw DatabaseError(.decoding, "column \(table.result.columnNames[column]) cannot be decoded as an object")
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    throw DatabaseError(.decoding, "column \(table.result.columnNames[column]) cannot be decoded as an array")
  }
}
