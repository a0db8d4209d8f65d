extension ModelSchema {
  /// The set of JSON Schema keywords to write.
  enum Keywords {
    /// Only keywords that describe the shape. Strict modes reject bounds that they do not enforce, and the set of those
    /// differs between models (platform.openai.com/docs/guides/structured-outputs, "Supported schemas";
    /// platform.claude.com, "JSON Schema limitations").
    case strict
    /// The shape and the bounds. A model can follow bounds that the provider does not enforce.
    case all
  }

  /// The schema as a JSON Schema document.
  func json(_ keywords: Keywords) -> ModelJSON { Self.json(root, keywords) }

  private static func json(_ shape: Shape, _ keywords: Keywords) -> ModelJSON {
    var members: [String: ModelJSON]
    var bounds: [String: ModelJSON] = [:]
    switch shape {
    case .object(let properties):
      members = [
        "type": "object", "additionalProperties": .bool(false), "required": .array(properties.map { .string($0.name) }),
        "properties": .object(Dictionary(properties.map { ($0.name, json($0.shape, keywords)) }) { first, _ in first }),
      ]
    case .array(let element, let maxItems):
      members = ["type": "array", "items": json(element, keywords)]
      bounds = ["maxItems": .integer(maxItems)]
    case .integer(let range):
      members = ["type": "integer"]
      bounds = ["minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
    case .number: members = ["type": "number"]
    case .string(let maxLength):
      members = ["type": "string"]
      bounds = ["maxLength": .integer(maxLength)]
    case .oneOf(let texts): members = ["type": "string", "enum": .array(texts.map { .string($0) })]
    case .boolean: members = ["type": "boolean"]
    }
    if keywords == .all { members.merge(bounds) { shape, _ in shape } }
    return .object(members)
  }
}
