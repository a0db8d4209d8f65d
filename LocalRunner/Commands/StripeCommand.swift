import ArgumentParser
import Contract
import Fetch
import FetchCurl

struct StripeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stripe",
    abstract: "Stand in for Stripe: its API in memory, a page to pay on, and signed webhooks.",
    discussion: """
      Prints the settings that the functions need, then serves on this machine only, until it is ended. Nothing is kept.

        local-runner stripe > stripe.env
        curl -X POST localhost:9100/_control/sessions/cs_test_…/complete

      What payers, banks and time do is asked for by POST: /_control/sessions/{id}/complete, expire, pay-late or fail;
      /_control/subscriptions/{id}/renew, fail-renewal or cancel; /_control/payments/{id}/refund or dispute.
      """)

  @Option(help: "The port; 0 takes a free one.")
  var port = 9100

  @Option(help: "Where events are sent.")
  var webhook = "http://127.0.0.1:9000/webhook/stripe"

  @Option(help: "Further copies of each event.")
  var duplicates = 0

  @Flag(help: "Send the events of one change in any order.")
  var shuffle = false

  @Option(help: "Milliseconds before each attempt.")
  var delay = 0

  @Option(help: "Attempts of a hundred that never arrive.")
  var lose = 0

  @Flag(help: "Send events in the shape before API version 2025-03-31.")
  var oldShape = false

  func validate() throws {
    guard (0...65535).contains(port) else { throw ValidationError("--port takes 0 to 65535") }
    guard webhook.hasPrefix("http://") || webhook.hasPrefix("https://") else {
      throw ValidationError("--webhook takes an http or https URL")
    }
    guard (0...100).contains(duplicates) else { throw ValidationError("--duplicates takes 0 to 100") }
    guard (0...600_000).contains(delay) else { throw ValidationError("--delay takes 0 to 600000") }
    guard (0...100).contains(lose) else { throw ValidationError("--lose takes 0 to 100") }
  }

  func run() async throws {
    let standIn = StripeStandIn(
      webhook: webhook, fetcher: .curl(guard: AddressGuard(opened: []), userAgent: "Stripe/1.0"),
      chaos: .init(duplicates: duplicates, isShuffled: shuffle, delay: .milliseconds(delay), lossPercent: lose),
      hasOldShape: oldShape)
    try await standIn.serve(host: "127.0.0.1", port: port) { port in
      let base = "http://127.0.0.1:\(port)"
      let lines = ([("STRIPE_API_BASE", base)] + StripeStandIn.settings).map { "export \($0)=\($1)\n" }
      // Unbuffered, for whoever reads it through a pipe.
      Descriptor.standardOutput.write(Array(lines.joined().utf8))
      say("listening on \(base)")
    }
  }
}
