/// An object of which only the id is read.
private struct Expanded: Decodable { let id: String }

extension KeyedDecodingContainer {
  /// The id of another object, which Stripe writes as it is, or as the whole object where that was asked for
  /// (docs.stripe.com/api/expanding_objects).
  func decodeReference(forKey key: Key) throws -> String? {
    guard contains(key), try !decodeNil(forKey: key) else { return nil }
    if let id = try? decode(String.self, forKey: key) { return id }
    return try decode(Expanded.self, forKey: key).id
  }

  /// The container below a key, or nil where it is missing or null.
  func nestedIfPresent<Nested: CodingKey>(keyedBy keys: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<
    Nested
  >? {
    guard contains(key), try !decodeNil(forKey: key) else { return nil }
    return try nestedContainer(keyedBy: keys, forKey: key)
  }
}
