/// What is known of an answer while it is read.
struct ModelReading: Sendable, Equatable {
  var text = ""
  var inputTokens: Int?
  var outputTokens: Int?
  /// Nil until the provider says why it stopped.
  var stopReason: ModelAnswer.StopReason?
  var model: String?
  /// Whether a stream's end mark was read.
  var isComplete = false

  /// Settles how it ended: what was counted is paid for, whatever it is, and what was neither counted nor ends well is
  /// no answer.
  ///
  /// - Parameters:
  ///   - reason: the member that says why it stopped.
  ///   - text: the member that holds the text, nil where it does.
  mutating func settle(_ reason: String, missing text: String?) throws(ModelError) {
    let fault: String? =
      switch stopReason {
      case nil, .odd: "it has no \(reason) that an answer ends with"
      case .finished: text.map { "\($0) is no text" }
      default: nil
      }
    guard let fault else { return }
    guard outputTokens != nil else { throw .malformed(fault) }
    stopReason = .odd
  }

  /// The answer, its gaps filled by estimates.
  ///
  /// - Parameter stopReason: where the provider gave none.
  func answer(_ estimate: ModelEstimate, _ endpoint: ModelEndpoint, else stopReason: ModelAnswer.StopReason)
    -> ModelAnswer
  {
    let name = model.flatMap {
      ModelEndpoint.isPlain($0) && $0.utf8.count <= 200 && endpoint.key?.occurs(in: $0) != true ? $0 : nil
    }
    // A question has words, and so has an answer: who counts none does not count.
    let input = inputTokens.flatMap { $0 > 0 ? $0 : nil }
    let output = outputTokens.flatMap { $0 > 0 || text.isEmpty ? $0 : nil }
    return ModelAnswer(
      text: text, inputTokens: input ?? estimate.inputTokens, outputTokens: output ?? ModelEstimate.tokens(in: text),
      isEstimated: input == nil || output == nil, stopReason: self.stopReason ?? stopReason,
      model: name ?? endpoint.model)
  }
}

extension ModelJSON {
  /// A count of tokens: what is negative is none.
  var count: Int? { integer.flatMap { $0 >= 0 ? $0 : nil } }
}
