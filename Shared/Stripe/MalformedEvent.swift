/// A webhook body that is not a valid Stripe event.
package struct MalformedEvent: Error, Equatable, CustomStringConvertible {
  /// A clause that says what is wrong. It contains names of fields, not their values.
  package let reason: String

  package var description: String { "the body is not a valid Stripe event: \(reason)" }
}

extension MalformedEvent {
  init(describing error: DecodingError) {
    func path(_ keys: [any CodingKey]) -> String {
      keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context):
      self.init(reason: "\(path(context.codingPath + [key])) is missing")
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      self.init(
        reason: context.codingPath.isEmpty
          ? "it is not a JSON object" : "\(path(context.codingPath)) has the wrong type or value")
    case .dataCorrupted(let context):
      // The decoder reports a number that does not fit its type without the name of the field.
      self.init(
        reason: context.codingPath.isEmpty
          ? "it is not JSON, or has a number that does not fit"
          : "\(path(context.codingPath)) has the wrong type or value")
    @unknown default: self.init(reason: "it cannot be decoded")
    }
  }
}
