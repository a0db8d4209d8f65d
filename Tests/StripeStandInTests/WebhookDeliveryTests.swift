import Contract
import Cryptography
import Fetch
import FoundationEssentials
import JSONValues
import Stripe
import Synchronization
import Testing

@testable import StripeStandIn

struct WebhookDeliveryTests {
  /// A receiver of webhooks that responds with one status after another, and then with 200.
  private final class Receiver: Sendable {
    private let statuses: Mutex<[Int]>
    private let received = Mutex<[FetchRequest]>([])

    init(_ statuses: Int...) { self.statuses = Mutex(statuses) }

    var requests: [FetchRequest] { received.withLock { $0 } }

    /// The ids of the received events, in order.
    var ids: [String] {
      requests.compactMap { try? JSON.decode(JSONValue.self, from: $0.body)["id"].text }
    }

    var fetcher: Fetcher {
      Fetcher { [self] (request: FetchRequest) async throws(FetchError) -> FetchResponse in
        received.withLock { $0.append(request) }
        return FetchResponse(status: statuses.withLock { $0.isEmpty ? 200 : $0.removeFirst() })
      }
    }
  }

  /// Delivers batches of events that have the given ids.
  private static func deliver(
    _ batches: [[String]], to receiver: Receiver, chaos: WebhookDelivery.Chaos = .init()
  ) async {
    let (stream, continuation) = AsyncStream.makeStream(of: [JSONValue].self)
    for batch in batches { continuation.yield(batch.map { ["id": .string($0), "type": "customer.created"] }) }
    continuation.finish()
    await WebhookDelivery(
      url: "http://127.0.0.1:9/webhook", secret: "whsec_right", chaos: chaos, fetcher: receiver.fetcher
    ).run(stream)
  }

  @Test("events arrive once, in order, with a valid signature")
  func signed() async throws {
    let receiver = Receiver()
    await Self.deliver([["a", "b"], ["c"]], to: receiver)
    #expect(receiver.ids == ["a", "b", "c"])
    let request = try #require(receiver.requests.first)
    let header = try #require(request.headers[StripeSignature.header])
    #expect(throws: Never.self) {
      try StripeSignature.verify(header: header, body: request.body, secrets: ["whsec_right"], at: .now)
    }
    #expect(throws: SignatureRejection.noMatch) {
      try StripeSignature.verify(header: header, body: request.body, secrets: ["whsec_wrong"], at: .now)
    }
  }

  @Test("an event that was refused is sent again and does not delay the next one")
  func retry() async {
    let receiver = Receiver(503)
    await Self.deliver([["a"], ["b"]], to: receiver)
    #expect(receiver.ids == ["a", "b", "a"])
  }

  @Test("duplicates are additional copies")
  func duplicates() async {
    let receiver = Receiver()
    await Self.deliver([["a"]], to: receiver, chaos: .init(duplicates: 2))
    #expect(receiver.ids == ["a", "a", "a"])
  }

  @Test("shuffled events all arrive")
  func shuffled() async {
    let receiver = Receiver()
    let ids = (0..<20).map { "e\($0)" }
    await Self.deliver([ids], to: receiver, chaos: .init(isShuffled: true))
    #expect(receiver.ids.sorted() == ids.sorted())
  }

  @Test("a lost attempt never reaches the receiver")
  func lost() async {
    let receiver = Receiver()
    // All attempts are lost; the task is cancelled during the pause after the first one.
    let task = Task { await Self.deliver([["a"]], to: receiver, chaos: .init(lossPercent: 100)) }
    try? await Task.sleep(for: .milliseconds(200))
    task.cancel()
    await task.value
    #expect(receiver.ids.isEmpty)
  }
}
