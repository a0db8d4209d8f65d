import Fetch
import Synchronization

extension ModelClient {
  /// Asks, and hands the answer's text out as it comes; again only where none of it was handed out.
  ///
  /// - Parameter onText: takes one piece after another, on a thread of the fetcher's that has other fetches to serve,
  ///   and says whether
  ///   to go on. Where it does not, the answer is what was read so far, with what is not counted estimated.
  /// - Returns: the whole text.
  package func stream(
    _ request: ModelRequest, by deadline: ContinuousClock.Instant, onText: @escaping @Sendable (String) -> Bool
  ) async throws(ModelError) -> ModelAnswer {
    let estimate = try admit(request)
    let call = fetchRequest(request, isStream: true)
    return try await repeated(estimate, by: deadline) { limits in
      let stream = ModelStream(endpoint, onText: onText)
      var call = call
      call.limits = limits
      call.onBody = { stream.take($0) }
      do throws(FetchError) {
        let response = try await fetcher.fetch(call)
        guard 200..<300 ~= response.status else {
          return ModelAttempt(ModelFault.read(response, key: endpoint.key), response.headers)
        }
        // A fetcher that had it all at hand left it there.
        if !response.body.isEmpty { _ = stream.take(response.body) }
        return stream.end(estimate, nil)
      } catch {
        return stream.end(estimate, error)
      }
    }
  }
}

/// What has been read of one stream, which arrives on a thread of the fetcher's.
private final class ModelStream: Sendable {
  private struct State {
    var events = ServerSentEvents()
    var reading = ModelReading()
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

  /// - Returns: whether to go on.
  func take(_ piece: [UInt8]) -> Bool {
    let (texts, goesOn) = state.withLock { state in read(piece, &state) }
    // Pieces come one after another: outside of the lock their texts still have their order.
    for text in texts where !onText(text) {
      state.withLock { $0.isStopped = true }
      return false
    }
    return goesOn
  }

  private func read(_ piece: [UInt8], _ state: inout State) -> (texts: [String], goesOn: Bool) {
    if state.failure != nil || state.isStopped { return ([], false) }
    var texts: [String] = []
    do throws(ModelError) {
      for event in try Self.events(in: piece, &state) where !state.reading.isComplete {
        state.hasEvents = true
        let text = try read(event, &state.reading)
        guard !text.isEmpty else { continue }
        state.reading.text += text
        texts.append(text)
      }
      return (texts, true)
    } catch {
      state.failure = error
      return (texts, false)
    }
  }

  private static func events(in piece: [UInt8], _ state: inout State) throws(ModelError) -> [ServerSentEvents.Event] {
    do throws(ServerSentEvents.TooLong) {
      return try state.events.read(piece)
    } catch {
      throw .malformed("an event of its stream is too long")
    }
  }

  private func read(_ event: ServerSentEvents.Event, _ reading: inout ModelReading) throws(ModelError) -> String {
    if event.data != "[DONE]", let fault = ModelFault.read(try ModelDialect.parse(event), key: endpoint.key) {
      throw fault
    }
    return try endpoint.dialect.read(event, into: &reading)
  }

  /// How the attempt went.
  ///
  /// - Parameter error: the fetcher's, which also ends a stream that nobody wanted any more.
  func end(_ estimate: ModelEstimate, _ error: FetchError?) -> ModelAttempt {
    let state = state.withLock { ($0.reading, $0.failure, $0.hasEvents, $0.isStopped) }
    let (reading, failure, hasEvents, isStopped) = state
    if isStopped {
      var answer = reading.answer(estimate, endpoint, else: .stopped)
      answer.stopReason = .stopped
      return ModelAttempt(answer)
    }
    // All that was to come is there, however the connection ended.
    if reading.isComplete { return ModelAttempt(reading.answer(estimate, endpoint, else: .finished)) }
    if let error, error.code == .cancelled { return ModelAttempt(error) }
    let isUntouched = reading.text.isEmpty
    if isUntouched, let failure { return ModelAttempt(failure) }
    if isUntouched, let error { return ModelAttempt(error) }
    guard hasEvents else { return ModelAttempt(.malformed("it is no stream of events")) }
    // Whatever ended it, what was read is paid for, and told.
    var answer = reading.answer(estimate, endpoint, else: .cut)
    answer.stopReason = .cut
    return ModelAttempt(.truncated(answer), mayRepeat: isUntouched)
  }
}
