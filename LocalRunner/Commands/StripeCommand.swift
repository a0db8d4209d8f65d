import ArgumentParser
import Contract
import Fetch
import FetchCurl
import StripeStandIn

struct StripeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stripe",
    abstract: "Run a stand-in for Stripe: its API in memory, a payment page and signed webhooks.",
    discussion: """
      Prints the settings that the functions need, then serves on this machine until
      it is ended. Nothing is stored.

        local-runner stripe > stripe.env
        curl -X POST localhost:9100/_control/sessions/cs_test_…/complete

      POST requests simulate payers, banks and the passing of time:
      /_control/sessions/{id}/complete, expire, pay-late or fail;
      /_control/subscriptions/{id}/renew, fail-renewal or cancel;
      /_control/payments/{id}/refund or dispute.
      """)

  @Option(help: "The port; 0 selects a free one.")
  var port = 9100

  @Option(help: "The URL that receives events.")
  var webhook = "http://127.0.0.1:9000/webhook/stripe"

  @Option(help: "The number of additional copies of each event.")
  var duplicates = 0

  @Flag(help: "Send the events of one change in random order.")
  var shuffle = false

  @Option(help: "The delay before each attempt, in milliseconds.")
  var delay = 0

  @Option(help: "The percentage of attempts that are lost.")
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
    let address = StripeStandIn.Address(host: "127.0.0.1", port: port) { port in
      let base = "http://127.0.0.1:\(port)"
      let lines = ([("STRIPE_API_BASE", base)] + StripeStandIn.settings).map { "export \($0)=\($1)\n" }
      // Written without a buffer, because the reader of a pipe waits for the settings.
      StandardOutput.writeOrExit(Array(lines.joined().utf8))
      printError("listening on \(base)")
    }
    let standIn = StripeStandIn(
      address, webhook: webhook, fetcher: .curl(guard: AddressGuard(allowing: []), userAgent: "Stripe/1.0"),
      chaos: .init(duplicates: duplicates, isShuffled: shuffle, delay: .milliseconds(delay), lossPercent: lose),
      hasOldShape: oldShape)
    _ = try await ServiceRunner.run([standIn])
  }
}
