extension ModelClient {
  /// Asks for JSON, and holds the answer to the request's schema and to `check`; an answer that fails is sent back
  /// once, with the reason.
  ///
  /// - Parameter check: what the schema cannot say; throws what is wrong in a line that the model is told.
  /// - Returns: the value, and both answers where it took two: each is paid for.
  /// - Throws: ``ModelError/mismatched(_:)`` where the second answer fails too, or there is no room to ask for it.
  package func structured<Value: Decodable & Sendable>(
    _ request: ModelRequest, as type: Value.Type, by deadline: ContinuousClock.Instant,
    check: @Sendable (Value) throws(ModelMismatch) -> Void = { (_: Value) throws(ModelMismatch) in }
  ) async throws(ModelError) -> StructuredAnswer<Value> {
    let first = try await answer(request, by: deadline)
    let mismatch: ModelMismatch
    do throws(ModelMismatch) {
      let value = try StructuredText.read(first.text, request.schema, as: type)
      try check(value)
      return StructuredAnswer(value: value, answers: [first])
    } catch {
      mismatch = error
    }
    let repair = Self.repair(request, first, mismatch)
    if (try? admit(repair)) == nil { throw .mismatched(mismatch.reason) }
    let second = try await answer(repair, by: deadline)
    do throws(ModelMismatch) {
      let value = try StructuredText.read(second.text, request.schema, as: type)
      try check(value)
      return StructuredAnswer(value: value, answers: [first, second])
    } catch {
      throw .mismatched(error.reason)
    }
  }

  /// The same question, the answer that it had, and what is wrong with it.
  private static func repair(_ request: ModelRequest, _ answer: ModelAnswer, _ mismatch: ModelMismatch) -> ModelRequest
  {
    var repair = request
    // No provider takes a turn without text.
    let said = answer.text.contains { !$0.isWhitespace } ? answer.text : "(nothing)"
    repair.messages.append(ModelMessage(.assistant, said))
    repair.messages.append(
      ModelMessage(
        .user,
        "That answer cannot be used: \(mismatch.reason). Send the whole answer again, corrected, as JSON and nothing else."
      ))
    return repair
  }
}
