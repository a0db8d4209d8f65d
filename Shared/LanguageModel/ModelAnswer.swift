/// A model's answer and its token counts.
package struct ModelAnswer: Sendable, Equatable {
  package enum StopReason: String, Sendable {
    /// The model finished its answer.
    case finished
    /// The answer reached the output limit or filled the context window.
    case length
    /// The model or a content filter of the provider refused to answer.
    case declined
    /// The connection ended before the answer was complete.
    case interrupted
    /// The answer ended for a reason that the provider does not document, such as a call of a tool that was not offered.
    case unknown
    /// The caller that received the stream stopped it.
    case stopped
  }

  package var text: String
  package var inputTokens: Int
  /// Tokens of the answer, including reasoning tokens.
  package var outputTokens: Int
  /// True if the provider did not report the token counts, so that they are upper estimates.
  package var isEstimated: Bool
  package var stopReason: StopReason
  /// The model name that the provider reported, or the requested name if it reported none.
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
