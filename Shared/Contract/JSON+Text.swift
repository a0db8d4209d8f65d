extension JSON {
  /// Decodes JSON in a string, such as the payload of a job.
  package static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
    try decode(type, from: Array(text.utf8))
  }

  /// A value that is decoded from a string of JSON, such as a `json` column in a row struct.
  ///
  /// ```swift
  /// struct Row: Decodable {
  ///   let report: JSON.Text<SiteReport>
  /// }
  /// ```
  package struct Text<Value: Decodable>: Decodable {
    package let value: Value

    package init(from decoder: any Decoder) throws {
      value = try JSON.decode(Value.self, from: decoder.singleValueContainer().decode(String.self))
    }
  }
}

extension JSON.Text: Sendable where Value: Sendable {}
