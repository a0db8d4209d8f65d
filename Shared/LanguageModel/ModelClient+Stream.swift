import Fetch
import Synchronization

extension ModelClient {
  /// Sends a request and delivers the answer's text while it arrives. Retries only if no text was delivered yet.
  ///
  /// - Parameter onText: receives the pieces of text in order and returns false to stop. It runs on a thread that the
  ///   fetcher shares with other transfers, so it must not block. If it stops the stream, the answer holds the text
  ///   received so far, and token counts that are missing are estimated.
  /// - Returns: the answer with its whole text.
  package func stream(
    _ request: ModelRequest, by deadline: ContinuousClock.Instant, onText: @escaping @Sendable (String) -> Bool
  ) async throws(ModelError) -> ModelAnswer {
    let estimate = try checkedEstimate(request)
    let call = fetchRequest(request, isStream: true)
    return try await retrying(estimate, by: deadline) { limits in
      let stream = ModelStream(endpoint, onText: onText)
      var call = call
      call.limits = limits
      call.onBody = { stream.receive($0) }
      do throws(FetchError) {
        let response = try await fetcher.fetch(call)
        guard 200..<300 ~= response.status else {
          return ModelAttempt(ProviderErrorParser.error(in: response, key: endpoint.key), response.headers)
        }
        // A fetcher that has the whole body at once may return it here instead of calling `onBody`.
        if !response.body.isEmpty { _ = stream.receive(response.body) }
        return stream.end(estimate, nil)
      } catch {
        return stream.end(estimate, error)
      }
    }
  }
}

/// The state of one streamed answer. Its bytes arrive on a thread of the fetcher.
private final class ModelStream: Sendable {
  private struct State {
    var parser = ServerSentEventParser()
    var answer = PartialModelAnswer()
    var failure: ModelError?
    var hasEvents = false
    var isStopped = false
  }

  private let endpoint: ModelEndpoint
  private let onText: @Sendable (String) -> Bool
  private let state = Mutex(State())

  init(_ endpoint: ModelEndpoint, onText: @escaping @Sendable (String) -> Bool) {
    self.endpoint = endpoint
    self.onText = onText
  }

  /// Parses a chunk of the body and delivers the text in it.
  ///
  /// - Returns: false to stop the transfer.
  func receive(_ chunk: [UInt8]) -> Bool {
    let (texts, continues) = state.withLock { state in parse(chunk, &state) }
    // Chunks arrive one after another, so texts stay in order although the lock is released.
    for text in texts where !onText(text) {
      state.withLock { $0.isStopped = true }
      return false
    }
    return continues
  }

  private func parse(_ chunk: [UInt8], _ state: inout State) -> (texts: [String], continues: Bool) {
    if state.failure != nil || state.isStopped { return ([], false) }
    var texts: [String] = []
    do throws(ModelError) {
      for event in try Self.events(in: chunk, &state) where !state.answer.isComplete {
        state.hasEvents = true
        let text = try parse(event, &state.answer)
        guard !text.isEmpty else { continue }
        state.answer.text += text
        texts.append(text)
      }
      return (texts, true)
    } catch {
      state.failure = error
      return (texts, false)
    }
  }

  private static func events(
    in chunk: [UInt8], _ state: inout State
  ) throws(ModelError) -> [ServerSentEventParser.Event] {
    do throws(ServerSentEventParser.TooLong) {
      return try state.parser.parse(chunk)
    } catch {
      throw .malformed("an event of its stream is too long")
    }
  }

  private func parse(
    _ event: ServerSentEventParser.Event, _ answer: inout PartialModelAnswer
  ) throws(ModelError) -> String {
    if event.data != "[DONE]",
      let error = ProviderErrorParser.error(in: try ModelDialect.json(of: event), key: endpoint.key)
    {
      throw error
    }
    return try endpoint.dialect.parseEvent(event, into: &answer)
  }

  /// Returns the outcome of the attempt after the transfer has ended.
  ///
  /// - Parameter error: the fetcher's error, if any. A transfer that `onText` stopped also ends with an error.
  func end(_ estimate: ModelEstimate, _ error: FetchError?) -> ModelAttempt {
    let state = state.withLock { ($0.answer, $0.failure, $0.hasEvents, $0.isStopped) }
    let (partial, failure, hasEvents, isStopped) = state
    if isStopped {
      var answer = partial.answer(estimate, endpoint, defaultStopReason: .stopped)
      answer.stopReason = .stopped
      return ModelAttempt(answer)
    }
    // The end mark was received, so a connection error after it does not matter.
    if partial.isComplete { return ModelAttempt(partial.answer(estimate, endpoint, defaultStopReason: .finished)) }
    if let error, error.code == .cancelled { return ModelAttempt(error) }
    let hasNoText = partial.text.isEmpty
    if hasNoText, let failure { return ModelAttempt(failure) }
    if hasNoText, let error { return ModelAttempt(error) }
    guard hasEvents else { return ModelAttempt(.malformed("it is not a stream of events")) }
    // The text received so far is billed, so it is returned with the error.
    var answer = partial.answer(estimate, endpoint, defaultStopReason: .interrupted)
    answer.stopReason = .interrupted
    return ModelAttempt(.truncated(answer), isRetryable: hasNoText)
  }
}
