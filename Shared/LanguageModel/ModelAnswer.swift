/// What a model said, and what it took.
package struct ModelAnswer: Sendable, Equatable {
  package enum StopReason: String, Sendable {
    /// The model was done.
    case finished
    /// It had no tokens left, of those it may use or of its context.
    case length
    /// The model or a filter of the provider's would not.
    case declined
    /// The connection ended before the answer did.
    case cut
    /// In a way that no answer is documented to end in, such as by calling a tool that it does not have.
    case odd
    /// Whoever read it wanted no more.
    case stopped
  }

  package var text: String
  package var inputTokens: Int
  /// Those that the model thought in included.
  package var outputTokens: Int
  /// Whether the provider did not count the tokens, so that they are estimated upwards.
  package var isEstimated: Bool
  package var stopReason: StopReason
  /// The name under which the model answered, else that under which it was asked.
  package var model: String

  package init(
    text: String, inputTokens: Int, outputTokens: Int, isEstimated: Bool, stopReason: StopReason, model: String
  ) {
    self.text = text
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.isEstimated = isEstimated
    self.stopReason = stopReason
    self.model = model
  }
}
