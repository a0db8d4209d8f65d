/// An SQL statement. Interpolated values are sent as parameters, separate from its text.
///
/// ```swift
/// let query: Query = "SELECT title FROM pages WHERE url = \(url) AND score > \(5)"
/// ```
/// Text that cannot be a parameter, such as the name of a table from a constant, is inserted with `\(unsafeSQL: …)`.
package struct Query: Sendable, ExpressibleByStringInterpolation {
  let text: String
  let parameters: [Parameter]

  package init(stringLiteral text: String) {
    self.text = text
    parameters = []
  }

  package init(stringInterpolation: StringInterpolation) {
    text = stringInterpolation.text
    parameters = stringInterpolation.parameters
  }

  package struct StringInterpolation: StringInterpolationProtocol {
    var text = ""
    var parameters: [Parameter] = []

    package init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + interpolationCount * 3)
      parameters.reserveCapacity(interpolationCount)
    }

    package mutating func appendLiteral(_ literal: String) { text += literal }

    package mutating func appendInterpolation(_ value: some ParameterEncodable) {
      parameters.append(value.parameter)
      text += "$\(parameters.count)"
    }

    package mutating func appendInterpolation<Value: ParameterEncodable>(_ value: Value?) {
      parameters.append(value?.parameter ?? Parameter(type: Value.parameterType, bytes: nil))
      text += "$\(parameters.count)"
    }

    package mutating func appendInterpolation(unsafeSQL sql: String) { text += sql }
  }
}

/// The value of one parameter, in the binary format of its type.
package struct Parameter: Sendable {
  let type: TypeID
  /// nil for NULL.
  let bytes: [UInt8]?
}

/// The object id of a PostgreSQL type. The ids of built-in types never change (`pg_type.dat` in PostgreSQL's source).
package struct TypeID: Sendable, Hashable {
  let rawValue: UInt32

  static let bool = TypeID(rawValue: 16)
  static let bytes = TypeID(rawValue: 17)
  static let int8 = TypeID(rawValue: 20)
  static let int4 = TypeID(rawValue: 23)
  static let text = TypeID(rawValue: 25)
  static let json = TypeID(rawValue: 114)
  static let float8 = TypeID(rawValue: 701)
  static let varchar = TypeID(rawValue: 1043)
  static let timestamp = TypeID(rawValue: 1184)
  static let interval = TypeID(rawValue: 1186)
  static let uuid = TypeID(rawValue: 2950)
}
