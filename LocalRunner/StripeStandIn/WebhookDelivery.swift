import Contract
import Fetch
import FoundationEssentials
import Stripe

/// Sends events as Stripe does, and as badly as it is asked to.
struct WebhookDelivery: Sendable {
  /// What may befall an event on its way.
  struct Chaos: Sendable {
    /// Further copies of each.
    var duplicates = 0
    /// Whether those of one change come in any order, several at a time.
    var isShuffled = false
    var delay = Duration.zero
    /// How many attempts of a hundred never arrive; each is tried again like one that failed.
    var lossPercent = 0
  }

  let url: String
  let secret: String
  let chaos: Chaos
  let fetcher: Fetcher

  /// Stripe tries for three days (docs.stripe.com/webhooks, "Retries"); nobody waits as long at a desk.
  private static let pauses: [Duration] = [
    .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16), .seconds(32), .seconds(64),
  ]

  /// Delivers what comes, batch by batch, until there is no more; what has to be tried again keeps nothing else
  /// waiting.
  func run(_ batches: AsyncStream<[JSONValue]>) async {
    await withDiscardingTaskGroup { group in
      for await batch in batches {
        var copies = batch.flatMap { Array(repeating: $0, count: 1 + chaos.duplicates) }
        if chaos.isShuffled { copies.shuffle() }
        for event in copies {
          guard let body = try? JSON.encode(event) else { continue }
          let name = "\(event["type"].text ?? "") \(event["id"].text ?? "")"
          if chaos.isShuffled {
            group.addTask { await deliver(body, name) }
          } else if await !attempt(body, name) {
            group.addTask { await deliverAgain(body, name) }
          }
        }
      }
    }
  }

  private func deliver(_ body: [UInt8], _ name: String) async {
    if await !attempt(body, name) { await deliverAgain(body, name) }
  }

  private func deliverAgain(_ body: [UInt8], _ name: String) async {
    for pause in Self.pauses {
      do { try await Task.sleep(for: pause) } catch { return }
      if await attempt(body, name) { return }
    }
    say("gave up delivering \(name)")
  }

  /// - Returns: whether it was taken.
  private func attempt(_ body: [UInt8], _ name: String) async -> Bool {
    if chaos.delay > .zero { try? await Task.sleep(for: chaos.delay) }
    if Int.random(in: 0..<100) < chaos.lossPercent {
      say("lost \(name)")
      return false
    }
    // Each attempt is signed anew.
    let signature = StripeSignature.sign(body, secret: secret, timestamp: Int(Date.now.timeIntervalSince1970))
    let request = FetchRequest(
      url, kind: .configured, method: "POST",
      headers: [
        "Content-Type": "application/json; charset=utf-8", StripeSignature.header: signature,
        "User-Agent": "Stripe/1.0 (stand-in)",
      ],
      body: body, limits: FetchLimits(bytes: 1 << 20, duration: .seconds(20)))
    do throws(FetchError) {
      let response = try await fetcher.fetch(request)
      say("delivered \(name): \(response.status)")
      return 200..<300 ~= response.status
    } catch {
      say("not delivered \(name): \(error.code.rawValue)")
      return false
    }
  }
}
