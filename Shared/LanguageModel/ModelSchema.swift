/// The schema of a JSON answer, limited to the part of JSON Schema that all providers support.
package struct ModelSchema: Sendable, Equatable {
  /// The type of a value, with its bounds.
  package indirect enum Shape: Sendable, Equatable {
    /// An object in which all properties are required and no others are allowed, as strict modes demand.
    case object([Property])
    case array(of: Shape, maxItems: Int)
    case integer(ClosedRange<Int>)
    case number
    /// - Parameter maxLength: in Unicode scalars, as in JSON Schema (2020-12 validation, section 6.3.1).
    case string(maxLength: Int)
    case oneOf([String])
    case boolean
  }

  package struct Property: Sendable, Equatable {
    package let name: String
    package let shape: Shape

    package init(_ name: String, _ shape: Shape) {
      self.name = name
      self.shape = shape
    }
  }

  /// The name sent to the provider: 1 to 64 letters, digits, underscores and dashes.
  package let name: String
  /// The properties of the root object. Strict modes allow only an object as the root.
  package let properties: [Property]

  package init(name: String, _ properties: [Property]) {
    precondition(
      (1...64).contains(name.utf8.count) && name.utf8.allSatisfy(Self.isNameByte), "\(name) is not a valid schema name")
    self.name = name
    self.properties = properties
  }

  package var root: Shape { .object(properties) }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
  }
}
