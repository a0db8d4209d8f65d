import Contract
import Invoking
import Synchronization
import Testing

@testable import Gateway

struct EventDispatcherTests {
  private static func failure(in response: Response) throws -> FailureBody.Details {
    try JSON.decode(FailureBody.self, from: response.bytes).error
  }

  private static func event(_ path: String) -> Event { Event(method: "GET", rawPath: path, requestID: "r1") }

  @Test("an event goes to the function that serves its path, and the response comes back unchanged")
  func dispatch() async throws {
    let calls = Mutex<[(Function, Event)]>([])
    let dispatcher = EventDispatcher(
      ScriptedInvoker { function, input throws(InvocationError) in
        let event = try? JSON.decode(Event.self, from: input)
        calls.withLock { calls in if let event { calls.append((function, event)) } }
        return .response(Response(status: 201, bytes: [1, 2]))
      }, limit: 1)
    let event = Self.event("/webhook/stripe")
    #expect(await dispatcher.respond(to: event) == Response(status: 201, bytes: [1, 2]))
    #expect(calls.withLock { $0.map(\.0) } == [.webhook])
    #expect(calls.withLock { $0.map(\.1) } == [event])
  }

  @Test("an unknown path is not found, and the message lists the paths")
  func unknownPath() async throws {
    let dispatcher = EventDispatcher(
      ScriptedInvoker { function, _ throws(InvocationError) in
        Issue.record("\(function) was invoked")
        return .other([])
      }, limit: 1)
    let response = await dispatcher.respond(to: Self.event("/nothing"))
    #expect(response.status == 404)
    #expect(response.headers["x-request-id"] == "r1")
    let error = try Self.failure(in: response)
    #expect(error.message.contains("/health"))
    #expect(error.requestId == "r1")
  }

  @Test(
    "a function that fails results in a failure, and the log has the details",
    arguments: [
      (InvocationError.Cause.crashed(status: -11), 500, "-11"), (.timedOut(.seconds(1)), 504, "1 s"),
      (.notStarted("/secret/path"), 503, "/secret/path"),
    ])
  func failures(cause: InvocationError.Cause, status: Int, detail: String) async throws {
    let lines = Mutex<[String]>([])
    let dispatcher = EventDispatcher(
      ScriptedInvoker { function, _ throws(InvocationError) in throw InvocationError(function, cause) }, limit: 1
    ) { line in lines.withLock { $0.append(line) } }
    let response = await dispatcher.respond(to: Self.event("/usage"))
    #expect(response.status == status)
    #expect(!String(decoding: response.bytes, as: UTF8.self).contains(detail))
    #expect(lines.withLock { $0.count } == 1)
    #expect(lines.withLock { $0.allSatisfy { $0.contains(detail) && $0.contains("r1") } })
  }

  @Test("output that is not a response is an internal failure")
  func noResponse() async {
    let dispatcher = EventDispatcher(
      ScriptedInvoker { _, _ throws(InvocationError) in .other([]) }, limit: 1, log: { _ in })
    #expect(await dispatcher.respond(to: Self.event("/usage")).status == 500)
  }

  /// With a negative control: with a higher limit no request is refused.
  @Test("requests over the limit are refused with 429", arguments: [(3, 2), (5, 0)])
  func limit(limit: Int, refused: Int) async throws {
    let (started, onStart) = AsyncStream.makeStream(of: Void.self)
    let isOpen = Gate()
    let dispatcher = EventDispatcher(
      ScriptedInvoker { _, _ throws(InvocationError) in
        onStart.yield()
        await isOpen.wait()
        return .response(Response(status: 200))
      }, limit: limit)
    await withTaskGroup(of: Response.self) { group in
      let waiting = 5 - refused
      for _ in 0..<waiting { group.addTask { await dispatcher.respond(to: Self.event("/usage")) } }
      var iterator = started.makeAsyncIterator()
      for _ in 0..<waiting { await iterator.next() }
      for _ in 0..<refused {
        let response = await dispatcher.respond(to: Self.event("/usage"))
        #expect(response.status == 429)
        #expect(response.headers["retry-after"] == "5")
      }
      isOpen.open()
      for await response in group { #expect(response.status == 200) }
    }
    #expect(await dispatcher.respond(to: Self.event("/nothing")).status == 404)
  }
}

/// Lets tasks wait until it is opened.
private final class Gate: Sendable {
  private let isOpen = Atomic(false)
  func open() { isOpen.store(true, ordering: .releasing) }
  func wait() async {
    while !isOpen.load(ordering: .acquiring) { try? await Task.sleep(for: .milliseconds(5)) }
  }
}

/// An invoker that calls a closure.
struct ScriptedInvoker: Invoker {
  let script: @Sendable (Function, [UInt8]) async throws(InvocationError) -> InvocationOutput

  init(_ script: @escaping @Sendable (Function, [UInt8]) async throws(InvocationError) -> InvocationOutput) {
    self.script = script
  }

  func invoke(
    _ function: Function, input: [UInt8], onLogLine: (@Sendable (String) -> Void)?
  ) async throws(InvocationError) -> InvocationOutput {
    try await script(function, input)
  }
}
