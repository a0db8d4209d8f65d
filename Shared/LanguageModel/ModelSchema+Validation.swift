extension ModelSchema {
  /// Validates a value against the schema and its bounds. This does not rely on the provider's own validation.
  ///
  /// - Throws: the first problem. The reason names fields of the schema, and does not quote the value.
  package func validate(_ value: ModelJSON) throws(ModelMismatch) { try Self.validate(value, root, "") }

  private static func validate(_ value: ModelJSON, _ shape: Shape, _ path: String) throws(ModelMismatch) {
    let place = path.isEmpty ? "the answer" : path
    switch (shape, value) {
    case (.object(let properties), .object(let members)):
      for property in properties {
        let inner = path.isEmpty ? property.name : "\(path).\(property.name)"
        guard let member = members[property.name] else { throw ModelMismatch("\(inner) is missing") }
        try validate(member, property.shape, inner)
      }
      if members.count > Set(properties.map(\.name)).count {
        throw ModelMismatch("\(place) has properties that were not asked for")
      }
    case (.array(let element, let maxItems), .array(let items)):
      guard items.count <= maxItems else {
        throw ModelMismatch("\(place) has \(items.count) items, and may have at most \(maxItems)")
      }
      for (index, item) in items.enumerated() { try validate(item, element, "\(path)[\(index)]") }
    case (.integer(let range), .integer(let number)):
      guard range.contains(number) else {
        throw ModelMismatch("\(place) must be from \(range.lowerBound) to \(range.upperBound)")
      }
    case (.number, .integer), (.number, .number), (.boolean, .bool): break
    case (.string(let maxLength), .string(let text)):
      guard text.unicodeScalars.count <= maxLength else {
        throw ModelMismatch("\(place) may have at most \(maxLength) characters")
      }
    case (.oneOf(let texts), .string(let text)):
      guard texts.contains(text) else {
        throw ModelMismatch("\(place) must be one of \(texts.joined(separator: ", "))")
      }
    default: throw ModelMismatch("\(place) must be \(name(of: shape))")
    }
  }

  private static func name(of shape: Shape) -> String {
    switch shape {
    case .object: "an object"
    case .array: "an array"
    case .integer: "a whole number"
    case .number: "a number"
    case .string, .oneOf: "a string"
    case .boolean: "true or false"
    }
  }
}
