import Fetch
import FoundationEssentials
import Synchronization

/// A fetcher that responds like Stripe and records the requests.
final class FakeStripe: Sendable {
  let requests = Mutex<[FetchRequest]>([])
  /// The number of requests that will fail.
  let failures = Mutex(0)
  /// The time that the creation of a customer takes.
  let customerDelay = Mutex(Duration.zero)

  var fetcher: Fetcher {
    Fetcher { [self] (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      let number = requests.withLock {
        $0.append(request)
        return $0.count
      }
      let fails = failures.withLock { count in
        defer { count = max(0, count - 1) }
        return count > 0
      }
      if request.url.hasSuffix("/customers") {
        do { try await Task.sleep(for: customerDelay.withLock { $0 }) } catch {
          throw FetchError(.cancelled, "cancelled")
        }
      }
      if fails {
        if number.isMultiple(of: 2) { throw FetchError(.connectionFailed, "unreachable") }
        return FetchResponse(status: 503)
      }
      let path = request.url.dropFirst("https://stripe.example".count)
      let made = requests.withLock { all in
        Set(all.filter { $0.url == request.url }.map { $0.headers["Idempotency-Key"] ?? "" }).count
      }
      let body =
        switch path {
        case "/v1/customers": #"{"id":"cus_\#(made)"}"#
        case "/v1/checkout/sessions":
          #"{"id":"cs_\#(made)","url":"https://pay.example/cs_\#(made)","expires_at":1800000000,"livemode":false}"#
        default: #"{"id":"bps_1","url":"https://pay.example/portal"}"#
        }
      return FetchResponse(status: 200, body: Array(body.utf8))
    }
  }
}
