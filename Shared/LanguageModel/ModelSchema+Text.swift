extension ModelSchema {
  /// Which keywords a provider is sent.
  enum Keywords {
    /// Those that describe the shape. Strict modes refuse a schema with bounds that they do not enforce, and which
    /// these are differs from
    /// model to model (platform.openai.com/docs/guides/structured-outputs, "Supported schemas"; platform.claude.com,
    /// "JSON Schema limitations").
    case strict
    /// Bounds too, which a model at least reads.
    case all
  }

  /// The schema as JSON Schema.
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
