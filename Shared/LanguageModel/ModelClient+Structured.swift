/// A decoded value, and the answers it took to get it.
package struct StructuredAnswer<Value: Sendable>: Sendable {
  package let value: Value
  /// One answer, or two if the first was invalid. Each of them is billed.
  package let answers: [ModelAnswer]

  package var wasRepaired: Bool { answers.count > 1 }
}

extension ModelClient {
  /// Requests a JSON answer, and validates it against the request's schema and `check`. An invalid answer is sent back
  /// to the model once, with the reason.
  ///
  /// - Parameter check: tests rules that the schema cannot express. The error it throws is one line, which is sent to
  ///   the model.
  /// - Throws: ``ModelError/mismatched(_:)`` if the second answer is invalid too, or if the second request would not fit
  ///   into the context window.
  package func structured<Value: Decodable & Sendable>(
    _ request: ModelRequest, as type: Value.Type, by deadline: ContinuousClock.Instant,
    check: @Sendable (Value) throws(ModelMismatch) -> Void = { (_: Value) throws(ModelMismatch) in }
  ) async throws(ModelError) -> StructuredAnswer<Value> {
    let first = try await answer(request, by: deadline)
    let mismatch: ModelMismatch
    do throws(ModelMismatch) {
      let value = try StructuredText.decode(first.text, request.schema, as: type)
      try check(value)
      return StructuredAnswer(value: value, answers: [first])
    } catch {
      mismatch = error
    }
    let repair = Self.repairRequest(request, first, mismatch)
    if (try? checkedEstimate(repair)) == nil { throw .mismatched(mismatch.reason) }
    let second = try await answer(repair, by: deadline)
    do throws(ModelMismatch) {
      let value = try StructuredText.decode(second.text, request.schema, as: type)
      try check(value)
      return StructuredAnswer(value: value, answers: [first, second])
    } catch {
      throw .mismatched(error.reason)
    }
  }

  /// The original request, followed by the invalid answer and the reason why it is invalid.
  private static func repairRequest(
    _ request: ModelRequest, _ answer: ModelAnswer, _ mismatch: ModelMismatch
  ) -> ModelRequest {
    var repair = request
    // Providers reject a message without text.
    let text = answer.text.contains { !$0.isWhitespace } ? answer.text : "(nothing)"
    repair.messages.append(ModelMessage(.assistant, text))
    repair.messages.append(
      ModelMessage(
        .user,
        "That answer cannot be used: \(mismatch.reason). Send the whole answer again, corrected, as JSON and nothing else."
      ))
    return repair
  }
}
