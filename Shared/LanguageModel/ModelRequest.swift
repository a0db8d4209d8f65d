/// What is asked of a model, whoever runs it.
package struct ModelRequest: Sendable, Equatable {
  /// What the model is told before the conversation; none where it is empty.
  package var system: String
  /// The turns in their order, the first and the last of them the user's.
  package var messages: [ModelMessage]
  /// Tokens that the answer may have, those that it thinks in included. An answer that needs more is cut, and thrown as
  /// truncated.
  package var maxOutputTokens: Int
  /// From 0, which answers alike each time as far as the provider can, to 1. Not sent to endpoints that take none.
  package var temperature: Double
  /// What the answer must be; nil for plain text.
  package var schema: ModelSchema?

  package init(
    system: String = "", messages: [ModelMessage], maxOutputTokens: Int, temperature: Double = 0,
    schema: ModelSchema? = nil
  ) {
    self.system = system
    self.messages = messages
    self.maxOutputTokens = maxOutputTokens
    self.temperature = temperature
    self.schema = schema
  }
}
