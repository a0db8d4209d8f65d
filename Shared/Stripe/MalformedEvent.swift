/// A body that is no event of Stripe's, or none as Stripe documents them.
package struct MalformedEvent: Error, Equatable, CustomStringConvertible {
  /// What is wrong with it; names fields, never what they hold.
  package let reason: String

  package var description: String { "the body is no event of Stripe's: \(reason)" }
}

extension MalformedEvent {
  init(describing error: DecodingError) {
    func path(_ keys: [any CodingKey]) -> String {
      keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context):
      self.init(reason: "it lacks \(path(context.codingPath + [key]))")
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      self.init(
        reason: context.codingPath.isEmpty
          ? "it is no JSON object" : "\(path(context.codingPath)) is not what it should be")
    case .dataCorrupted(let context):
      // The decoder names no field for a number that does not fit its type.
      let isWhole = context.codingPath.isEmpty
      self.init(
        reason: isWhole
          ? "it is not JSON, or has a number that does not fit" : "\(path(context.codingPath)) is not what it should be"
      )
    @unknown default: self.init(reason: "it cannot be read")
    }
  }
}
