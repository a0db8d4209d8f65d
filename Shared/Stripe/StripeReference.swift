/// The id of a related object. Stripe sends the id itself, or the whole object if the request expands the field
/// (docs.stripe.com/api/expanding_objects). Nil if the field is missing or null.
@propertyWrapper
package struct StripeReference: Decodable, Sendable, Equatable {
  package let wrappedValue: String?

  package init(wrappedValue: String?) { self.wrappedValue = wrappedValue }

  package init(from decoder: any Decoder) throws {
    if let id = try? decoder.singleValueContainer().decode(String.self) {
      wrappedValue = id
    } else {
      wrappedValue = try ExpandedObject(from: decoder).id
    }
  }

  private struct ExpandedObject: Decodable { let id: String }
}

extension KeyedDecodingContainer {
  /// Used by synthesised initialisers, so that a missing or null field decodes as nil.
  func decode(_ type: StripeReference.Type, forKey key: Key) throws -> StripeReference {
    try decodeIfPresent(type, forKey: key) ?? StripeReference(wrappedValue: nil)
  }

  /// Decodes the id of a related object; nil if the field is missing or null.
  func decodeReference(forKey key: Key) throws -> String? {
    try decode(StripeReference.self, forKey: key).wrappedValue
  }

  /// The container below a key; nil if the field is missing or null.
  func nestedIfPresent<Nested: CodingKey>(keyedBy keys: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<
    Nested
  >? {
    guard contains(key), try !decodeNil(forKey: key) else { return nil }
    return try nestedContainer(keyedBy: keys, forKey: key)
  }
}
