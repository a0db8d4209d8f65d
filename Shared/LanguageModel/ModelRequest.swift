/// A request to a language model, independent of the provider.
package struct ModelRequest: Sendable, Equatable {
  /// The system prompt; empty for none.
  package var system: String
  /// The conversation in order. The first and the last message are the user's.
  package var messages: [ModelMessage]
  /// The output limit in tokens, including reasoning tokens. A longer answer is cut off and reported as truncated.
  package var maxOutputTokens: Int
  /// From 0, the most repeatable, to 1. Not sent to endpoints that reject it.
  package var temperature: Double
  /// The schema of the answer; nil for plain text.
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

/// One message of a conversation.
package struct ModelMessage: Sendable, Equatable {
  package enum Role: String, Sendable {
    case user
    case assistant
  }

  package var role: Role
  package var text: String

  package init(_ role: Role, _ text: String) {
    self.role = role
    self.text = text
  }
}
