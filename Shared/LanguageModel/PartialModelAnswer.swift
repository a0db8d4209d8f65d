/// The fields of an answer, collected while a response or a stream is parsed.
struct PartialModelAnswer: Sendable, Equatable {
  var text = ""
  var inputTokens: Int?
  var outputTokens: Int?
  /// Nil until the provider sends the reason why the answer ended.
  var stopReason: ModelAnswer.StopReason?
  var model: String?
  /// True after the end mark of a stream.
  var isComplete = false

  /// Checks how a complete response ended. An invalid ending becomes the stop reason `unknown` if the provider counted
  /// output tokens, because those are billed; otherwise it is an error.
  ///
  /// - Parameters:
  ///   - stopReasonField: the name of the field that holds the stop reason.
  ///   - missingTextField: the name of the field that should hold the text; nil if the text is present.
  mutating func checkEnd(stopReasonField: String, missingTextField: String?) throws(ModelError) {
    let problem: String? =
      switch stopReason {
      case nil, .unknown: "it has no valid \(stopReasonField)"
      case .finished: missingTextField.map { "\($0) is not text" }
      default: nil
      }
    guard let problem else { return }
    guard outputTokens != nil else { throw .malformed(problem) }
    stopReason = .unknown
  }

  /// Returns the answer, with estimates for missing token counts.
  ///
  /// - Parameter defaultStopReason: used if the provider sent no stop reason.
  func answer(_ estimate: ModelEstimate, _ endpoint: ModelEndpoint, defaultStopReason: ModelAnswer.StopReason)
    -> ModelAnswer
  {
    let name = model.flatMap {
      ModelEndpoint.isVisibleASCII($0) && $0.utf8.count <= 200 && endpoint.key?.occurs(in: $0) != true ? $0 : nil
    }
    // A request always has tokens, and so has an answer with text: treat a count of zero as missing.
    let input = inputTokens.flatMap { $0 > 0 ? $0 : nil }
    let output = outputTokens.flatMap { $0 > 0 || text.isEmpty ? $0 : nil }
    return ModelAnswer(
      text: text, inputTokens: input ?? estimate.inputTokens, outputTokens: output ?? ModelEstimate.tokens(in: text),
      isEstimated: input == nil || output == nil, stopReason: stopReason ?? defaultStopReason,
      model: name ?? endpoint.model)
  }
}

extension ModelJSON {
  /// The value as a token count; nil if it is not a whole number or negative.
  var tokenCount: Int? { integer.flatMap { $0 >= 0 ? $0 : nil } }
}
