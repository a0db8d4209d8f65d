import Fetch
import Stripe
import Synchronization

/// A fake Stripe API that returns scripted responses, and records the requests and the client's pauses.
final class ScriptedStripe: Sendable {
  static let secret = "sk_test_51NeverToBeSeen"

  enum Answer: Sendable {
    case response(Int, String, [String: String] = [:])
    case failure(FetchError.Code)

    static func ok(_ json: String) -> Answer { .response(200, json) }
    static func error(_ status: Int, _ headers: [String: String] = [:]) -> Answer {
      .response(status, #"{"error":{"type":"api_error","message":"\#(ScriptedStripe.secret) went wrong"}}"#, headers)
    }
  }

  private let answers: Mutex<[Answer]>
  private let sent = Mutex<[FetchRequest]>([])
  private let waited = Mutex<[Duration]>([])

  init(_ answers: Answer...) { self.answers = Mutex(answers) }

  var requests: [FetchRequest] { sent.withLock { $0 } }
  var pauses: [Duration] { waited.withLock { $0 } }

  func client(base: String = "https://stripe.example/", breaker: StripeBreaker? = nil, jitter: Double = 0)
    -> StripeClient
  {
    let fetcher = Fetcher { [self] (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      sent.withLock { $0.append(request) }
      switch answers.withLock({ $0.isEmpty ? Answer.failure(.connectionFailed) : $0.removeFirst() }) {
      case .response(let status, let body, let headers):
        return FetchResponse(status: status, headers: headers, body: Array(body.utf8))
      case .failure(let code): throw FetchError(code, "a message with \(Self.secret) in it")
      }
    }
    return StripeClient(
      fetcher, key: StripeSecretKey(Self.secret)!, base: base, attemptDuration: .seconds(7), breaker: breaker,
      wait: { [self] pause in waited.withLock { $0.append(pause) } }, jitter: { jitter })
  }

  /// The last request as HTTP text, with the key replaced.
  var text: String {
    guard let request = requests.last else { return "" }
    let headers = request.headers.map { "\($0): \($1.replacing(Self.secret, with: "…"))" }.sorted().joined(
      separator: "\n")
    return
      "\(request.method) \(request.url)\n\(headers)\n\n\(String(decoding: request.body, as: UTF8.self).split(separator: "&").joined(separator: "\n&"))"
  }
}
