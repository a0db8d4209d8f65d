/// A value that a model gave, and what it took.
package struct StructuredAnswer<Value: Sendable>: Sendable {
  package let value: Value
  /// One, or two where the first could not be used.
  package let answers: [ModelAnswer]

  package var wasRepaired: Bool { answers.count > 1 }
}
