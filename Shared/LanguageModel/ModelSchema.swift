/// The shape of an answer in JSON, as what all providers take of JSON Schema.
package struct ModelSchema: Sendable, Equatable {
  /// What a value may be.
  package indirect enum Shape: Sendable, Equatable {
    /// All properties are required, and no others are allowed: providers' strict modes take nothing else.
    case object([Property])
    case array(of: Shape, maxItems: Int)
    case integer(ClosedRange<Int>)
    case number
    /// - Parameter maxLength: in Unicode scalars, as JSON Schema counts (2020-12 validation, section 6.3.1).
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

  /// How the provider is to call it: 1 to 64 letters, digits, underscores and dashes.
  package let name: String
  /// The root, an object: strict modes take nothing else there.
  package let properties: [Property]

  package init(name: String, _ properties: [Property]) {
    precondition(
      (1...64).contains(name.utf8.count) && name.utf8.allSatisfy(Self.isNameByte), "\(name) is no name of a schema")
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
