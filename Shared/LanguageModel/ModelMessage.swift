/// One turn of a conversation.
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
