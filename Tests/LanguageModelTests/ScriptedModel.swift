import Fetch
import FoundationEssentials
import LanguageModel
import Synchronization
import Testing

/// A fake provider that returns scripted responses, and records the requests, the client's pauses and the outcomes that
/// the gate received.
final class ScriptedModel: Sendable {
  static let secret = "sk_never_to_be_seen"

  enum Answer: Sendable {
    case response(Int, String, [String: String] = [:])
    case failure(FetchError.Code)
    /// The chunks of a body, and the error that ends the transfer, if any.
    case chunks([[UInt8]], FetchError.Code? = nil)

    static func ok(_ json: String) -> Answer { .response(200, json) }
    static func error(_ status: Int, _ headers: [String: String] = [:]) -> Answer {
      .response(status, #"{"error":{"type":"some_error","message":"\#(ScriptedModel.secret) went wrong"}}"#, headers)
    }
  }

  private let answers: Mutex<[Answer]>
  private let sent = Mutex<[FetchRequest]>([])
  private let waited = Mutex<[Duration]>([])
  private let reported = Mutex<[[ModelGate.Outcome]]>([])

  init(_ answers: Answer...) { self.answers = Mutex(answers) }

  var requests: [FetchRequest] { sent.withLock { $0 } }
  var pauses: [Duration] { waited.withLock { $0 } }
  /// For each attempt that the gate permitted, the outcomes it reported.
  var outcomes: [[ModelGate.Outcome]] { reported.withLock { $0 } }

  static func endpoint(
    _ name: String = "openai", model: String = "gpt-test", contextWindow: Int = 8000,
    structure: ModelEndpoint.Structure? = nil,
    thinking: ModelEndpoint.Thinking = .never
  ) throws -> ModelEndpoint {
    let known = try #require(ModelEndpoint.knownBases[name])
    return try ModelEndpoint(
      name: name, dialect: known.dialect, base: known.base, key: secret, model: model, contextWindow: contextWindow,
      structure: structure,
      thinking: thinking)
  }

  var fetcher: Fetcher {
    Fetcher { [self] (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      sent.withLock { $0.append(request) }
      switch answers.withLock({ $0.isEmpty ? Answer.failure(.connectionFailed) : $0.removeFirst() }) {
      case .response(let status, let body, let headers):
        return FetchResponse(status: status, headers: headers, body: Array(body.utf8))
      case .failure(let code): throw FetchError(code, "a message with \(Self.secret) in it")
      case .chunks(let chunks, let code):
        for chunk in chunks where request.onBody?(chunk) == false {
          return FetchResponse(status: 200, isTruncated: true)
        }
        if let code { throw FetchError(code, "a message with \(Self.secret) in it") }
        return FetchResponse(status: 200)
      }
    }
  }

  var gate: ModelGate {
    ModelGate { [self] (_: ModelEstimate, _: ContinuousClock.Instant) async throws(ModelError) -> ModelGate.Report in
      let index = reported.withLock {
        $0.append([])
        return $0.count - 1
      }
      return { [self] outcome, _ in reported.withLock { $0[index].append(outcome) } }
    }
  }

  func client(_ endpoint: ModelEndpoint? = nil, gate: ModelGate? = nil, jitter: Double = 0) throws -> ModelClient {
    ModelClient(
      fetcher, endpoint: try endpoint ?? Self.endpoint(), attemptDuration: .seconds(7), gate: gate ?? self.gate,
      wait: { [self] pause in waited.withLock { $0.append(pause) } }, jitter: { jitter },
      now: { Date(timeIntervalSince1970: 784_111_777) })
  }

  /// The last request as HTTP text, with the key replaced.
  var text: String {
    guard let request = requests.last else { return "" }
    let headers = request.headers.map { "\($0): \($1.replacing(Self.secret, with: "…"))" }.sorted().joined(
      separator: "\n")
    return "\(request.method) \(request.url)\n\(headers)\n\n\(String(decoding: request.body, as: UTF8.self))"
  }
}

/// Shortened responses from the providers' documentation, and a request.
enum Sample {
  static let openAI = #"""
    {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-test-2026","choices":[{"index":0,"message":{"role":"assistant","content":"Hällo","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29}}
    """#
  static let anthropic = #"""
    {"id":"msg_1","type":"message","role":"assistant","model":"claude-test","content":[{"type":"text","text":"Häl"},{"type":"text","text":"lo"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":12,"cache_creation_input_tokens":0,"cache_read_input_tokens":3,"output_tokens":6}}
    """#
  static let openAIStream = """
    : OPENROUTER PROCESSING

    data: {"id":"1","object":"chat.completion.chunk","model":"gpt-test-2026","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}

    data: {"id":"1","model":"gpt-test-2026","choices":[{"index":0,"delta":{"content":"Häl"},"finish_reason":null}]}

    data: {"id":"1","model":"gpt-test-2026","choices":[{"index":0,"delta":{"content":"lo 🎈"},"finish_reason":null}]}

    data: {"id":"1","model":"gpt-test-2026","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

    data: {"id":"1","model":"gpt-test-2026","choices":[],"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29}}

    data: [DONE]


    """
  static let anthropicStream = """
    event: message_start
    data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude-test","stop_reason":null,"usage":{"input_tokens":25,"output_tokens":1}}}

    event: content_block_start
    data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

    event: ping
    data: {"type":"ping"}

    event: content_block_delta
    data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Häl"}}

    event: content_block_delta
    data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo 🎈"}}

    event: content_block_stop
    data: {"type":"content_block_stop","index":0}

    event: message_delta
    data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}

    event: message_stop
    data: {"type":"message_stop"}


    """

  static let question = ModelRequest(
    system: "Be brief.", messages: [ModelMessage(.user, "Say \"hällo\"/\n")], maxOutputTokens: 64)

  static let schema = ModelSchema(
    name: "marks",
    [
      .init(
        "pages",
        .array(
          of: .object([.init("score", .integer(0...100)), .init("kind", .oneOf(["guide", "other"]))]), maxItems: 2)),
      .init("summary", .string(maxLength: 10)), .init("share", .number), .init("isGood", .boolean),
    ])

  /// A Chat Completions response with this text.
  static func openAI(_ text: String, finish: String = "stop") -> ScriptedModel.Answer {
    .ok(
      #"{"model":"m","choices":[{"message":{"content":\#(ModelJSON.string(text).text)},"finish_reason":"\#(finish)"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#
    )
  }
}

extension ContinuousClock.Instant {
  static var soon: Self { .now.advanced(by: .seconds(60)) }
}

/// Returns the error that the body must throw.
func failure(_ body: () async throws -> Void) async throws -> ModelError {
  do {
    try await body()
  } catch let error as ModelError {
    return error
  }
  throw ModelError.malformed("no error was thrown")
}
