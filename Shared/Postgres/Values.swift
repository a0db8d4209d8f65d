package import FoundationEssentials

/// A Swift value that can be a parameter of a statement.
package protocol ParameterEncodable: Sendable {
  static var parameterType: TypeID { get }
  var parameterBytes: [UInt8] { get }
}

extension ParameterEncodable {
  var parameter: Parameter { Parameter(type: Self.parameterType, bytes: parameterBytes) }
}

/// A Swift value that is decoded from the binary form of one column.
///
/// It refines `Decodable` so that `rows(_:as:)` prefers the single-column form for these types.
package protocol ColumnDecodable: Decodable, Sendable {
  /// The PostgreSQL types that this type can be decoded from.
  static var columnTypes: [TypeID] { get }
  /// Returns nil if the bytes are not a valid value.
  init?(column bytes: [UInt8], type: TypeID)
  /// The value for NULL, or nil if this type does not accept NULL.
  static var null: Self? { get }
}

extension ColumnDecodable {
  package static var null: Self? { nil }
}

extension Optional: ColumnDecodable where Wrapped: ColumnDecodable {
  package static var columnTypes: [TypeID] { Wrapped.columnTypes }
  package static var null: Wrapped?? { .some(.none) }
  package init?(column bytes: [UInt8], type: TypeID) {
    guard let value = Wrapped(column: bytes, type: type) else { return nil }
    self = .some(value)
  }
}

extension String: ParameterEncodable, ColumnDecodable {
  package static var parameterType: TypeID { .text }
  package static var columnTypes: [TypeID] { [.text, .varchar, .json] }
  package var parameterBytes: [UInt8] { Array(utf8) }
  package init?(column bytes: [UInt8], type: TypeID) { self.init(validating: bytes, as: UTF8.self) }
}

extension Bool: ParameterEncodable, ColumnDecodable {
  package static var parameterType: TypeID { .bool }
  package static var columnTypes: [TypeID] { [.bool] }
  package var parameterBytes: [UInt8] { [self ? 1 : 0] }
  package init?(column bytes: [UInt8], type: TypeID) { self = bytes == [1] }
}

extension Int: ParameterEncodable, ColumnDecodable {
  package static var parameterType: TypeID { .int8 }
  package static var columnTypes: [TypeID] { [.int8, .int4] }
  package var parameterBytes: [UInt8] { bigEndianBytes(UInt64(bitPattern: Int64(self))) }
  package init?(column bytes: [UInt8], type: TypeID) {
    guard bytes.count == (type == .int4 ? 4 : 8) else { return nil }
    self =
      type == .int4
      ? Int(Int32(truncatingIfNeeded: bigEndianValue(bytes))) : Int(Int64(bitPattern: bigEndianValue(bytes)))
  }
}

extension Double: ParameterEncodable, ColumnDecodable {
  package static var parameterType: TypeID { .float8 }
  package static var columnTypes: [TypeID] { [.float8] }
  package var parameterBytes: [UInt8] { bigEndianBytes(bitPattern) }
  package init?(column bytes: [UInt8], type: TypeID) {
    guard bytes.count == 8 else { return nil }
    self = Double(bitPattern: bigEndianValue(bytes))
  }
}

extension Array: ParameterEncodable, ColumnDecodable where Element == UInt8 {
  package static var parameterType: TypeID { .bytes }
  package static var columnTypes: [TypeID] { [.bytes] }
  package var parameterBytes: [UInt8] { self }
  package init?(column bytes: [UInt8], type: TypeID) { self = bytes }
}

extension UUID: ParameterEncodable, ColumnDecodable {
  package static var parameterType: TypeID { .uuid }
  package static var columnTypes: [TypeID] { [.uuid] }
  package var parameterBytes: [UInt8] {
    let u = uuid
    return [
      u.0, u.1, u.2, u.3, u.4, u.5, u.6, u.7, u.8, u.9, u.10, u.11, u.12, u.13, u.14, u.15,
    ]
  }
  package init?(column b: [UInt8], type: TypeID) {
    guard b.count == 16 else { return nil }
    self.init(
      uuid: (b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]))
  }
}

/// Stored as `timestamptz`. Its binary format is the number of microseconds since 2000-01-01 UTC.
extension Date: ParameterEncodable, ColumnDecodable {
  private static let epoch = 946_684_800.0
  package static var parameterType: TypeID { .timestamp }
  package static var columnTypes: [TypeID] { [.timestamp] }
  package var parameterBytes: [UInt8] {
    let microseconds = ((timeIntervalSince1970 - Date.epoch) * 1_000_000).rounded()
    return bigEndianBytes(UInt64(bitPattern: Int64(microseconds)))
  }
  package init?(column bytes: [UInt8], type: TypeID) {
    guard bytes.count == 8 else { return nil }
    self.init(timeIntervalSince1970: Double(Int64(bitPattern: bigEndianValue(bytes))) / 1_000_000 + Date.epoch)
  }
}

/// Sent as `interval`. Its binary format is microseconds (64 bits), days and months (32 bits each).
extension Duration: ParameterEncodable {
  package static var parameterType: TypeID { .interval }
  package var parameterBytes: [UInt8] {
    bigEndianBytes(UInt64(bitPattern: Int64(microseconds))) + [UInt8](repeating: 0, count: 8)
  }
}

private func bigEndianBytes(_ value: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
}

private func bigEndianValue(_ bytes: [UInt8]) -> UInt64 { bytes.reduce(0) { ($0 << 8) | UInt64($1) } }
