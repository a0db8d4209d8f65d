/// The payload of a background job about one object: `{"id": …}`.
struct IDPayload<ID: Decodable>: Decodable {
  let id: ID

  /// Returns the JSON text of a payload.
  ///
  /// - Parameter id: without characters that JSON escapes.
  static func text(_ id: ID) -> String where ID == String { "{\"id\":\"\(id)\"}" }
}
