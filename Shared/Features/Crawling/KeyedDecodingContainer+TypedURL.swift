import Contract
package import Web

extension KeyedDecodingContainer {
  /// Decodes a URL as a person types it: without a scheme, https is meant.
  ///
  /// - Throws: the failure `invalid_request` if the text is not a URL.
  package func decodeTypedURL(forKey key: Key) throws -> NormalizedURL {
    let text = try decode(String.self, forKey: key)
    do {
      return try NormalizedURL(typed: text)
    } catch {
      throw Failure.invalidField(key.stringValue, "the \(key.stringValue) cannot be read: \(error.rawValue)")
    }
  }
}
