import Contract
import Fetch
import FoundationEssentials
import JSONValues
import Stripe

/// Sends webhook events as Stripe does. It can also simulate an unreliable network.
package struct WebhookDelivery: Sendable {
  /// Faults to simulate.
  package struct Chaos: Sendable {
    /// The number of additional copies of each event.
    var duplicates: Int
    /// Whether the events of one change are sent concurrently and in random order.
    var isShuffled: Bool
    /// The delay before each attempt.
    var delay: Duration
    /// The percentage of attempts that are lost. A lost attempt is retried like a failed one.
    var lossPercent: Int

    package init(
      duplicates: Int = 0, isShuffled: Bool = false, delay: Duration = .zero, lossPercent: Int = 0
    ) {
      self.duplicates = duplicates
      self.isShuffled = isShuffled
      self.delay = delay
      self.lossPercent = lossPercent
    }
  }

  let url: String
  let secret: String
  let chaos: Chaos
  let fetcher: Fetcher

  /// The pauses between attempts. Stripe retries for three days (docs.stripe.com/webhooks, "Retries"); these pauses are
  /// shorter, for development.
  private static let pauses: [Duration] = [
    .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16), .seconds(32), .seconds(64),
  ]

  /// Delivers batches of events until the stream ends. An event that must be retried does not delay the others.
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
            group.addTask { await retry(body, name) }
          }
        }
      }
    }
  }

  private func deliver(_ body: [UInt8], _ name: String) async {
    if await !attempt(body, name) { await retry(body, name) }
  }

  private func retry(_ body: [UInt8], _ name: String) async {
    for pause in Self.pauses {
      do { try await Task.sleep(for: pause) } catch { return }
      if await attempt(body, name) { return }
    }
    printError("\(name): not delivered after \(Self.pauses.count + 1) attempts")
  }

  /// Sends an event once, with a new signature.
  ///
  /// - Returns: whether the receiver responded with a status of 2xx.
  private func attempt(_ body: [UInt8], _ name: String) async -> Bool {
    if chaos.delay > .zero { try? await Task.sleep(for: chaos.delay) }
    if Int.random(in: 0..<100) < chaos.lossPercent {
      printError("\(name): lost")
      return false
    }
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
      printError("\(name): delivered, status \(response.status)")
      return 200..<300 ~= response.status
    } catch {
      printError("\(name): not delivered, \(error.code.rawValue)")
      return false
    }
  }
}
