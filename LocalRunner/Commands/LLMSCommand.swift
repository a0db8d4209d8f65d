import ArgumentParser
import Contract
import FoundationEssentials
import NIOPosix
import SiteAnalysis
import Web

struct LLMSCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "llms",
    abstract: "Read a website and print its llms.txt.",
    discussion: """
      Reads up to 200 pages, politely: robots.txt is obeyed, and eight requests run at a time. The file goes to stdout,
      progress to stderr where that is a terminal.

        local-runner llms https://example.com
        local-runner llms https://example.com/docs/ --exclude '/docs/v1/' -o llms.txt
        local-runner llms https://example.com --full -o llms-full.txt
        local-runner llms https://example.com --model     # needs a key, such as OPENAI_API_KEY
        local-runner llms http://localhost:8000/

      Without a URL it reads the small sample site that comes with the program.
      """)

  @Argument(help: "The site, or the folder of it, to read.")
  var url: String?

  @Option(name: .shortAndLong, help: "Write to FILE instead of stdout.")
  var output: String?

  @Flag(help: "Let -o replace a file that exists.")
  var overwrite = false

  @Flag(help: "Write llms-full.txt instead: the text of the pages, not only links to them.")
  var full = false

  @Option(help: "Read at most this many pages, 1 to 200.")
  var maxPages = 200

  @Option(help: "Read only paths that match, such as '/docs/**'; may be repeated.")
  var include: [String] = []

  @Option(help: "Leave out paths that match; may be repeated.")
  var exclude: [String] = []

  @Option(help: "Keep to pages in this language, such as en; the home page's own if left out.")
  var language: String?

  @Flag(help: "Let a language model score and arrange the pages. It costs money: at most two dollars a day.")
  var model = false

  func run() async throws {
    RunningGroups.endOnSignals { ProgressLine.clear() }
    if let output, !overwrite, FileManager.default.fileExists(atPath: output) {
      throw ValidationError("\(output) exists; add --overwrite to replace it")
    }
    guard let url else {
      try await SampleSite.serving { address in
        say("No URL given: reading the sample site, served at \(address)")
        try await write(try NormalizedURL(address))
      }
      return
    }
    do {
      try await write(try NormalizedURL(typed: url))
    } catch let rejection as NormalizedURL.Rejection {
      throw ValidationError("\(url) cannot be read: \(rejection.rawValue)")
    }
  }

  private func write(_ site: NormalizedURL) async throws {
    let progress = ProgressLine()
    progress.show("preparing the database")
    var functions = FunctionProcess()
    functions.environment["DATABASE_URL"] = try RunnerDatabase.prepare()
    if let network = LoopbackOrigin.network(of: site) {
      functions.environment["FETCH_ALLOW_NETWORKS", default: ""] += ",\(network)"
    }
    if progress.isShown { functions.environment["LOG_PROGRESS"] = "1" }
    progress.show("reading \(site.host)")
    let request = AnalyzeBody(
      url: site.description, maxPages: maxPages, include: include, exclude: exclude, language: language, force: true,
      model: model)
    let analysis = try await call(functions, "analyze", request, progress)
    let report = try JSON.decode(AnalysisAnswer.self, from: analysis.body)
    let document = try await call(
      functions, "generate", GenerateBody(analysisId: report.id, kind: full ? "llms_full_txt" : "llms_txt"), progress)
    let answer = try JSON.decode(DocumentAnswer.self, from: document.body)
    progress.finish(
      "\(report.metrics.fetched) pages read of \(report.discovery.found) found, in \(progress.seconds) s"
        + (report.partial ? "; the time ran out before the rest" : ""))
    if let reason = report.metrics.model?.reason {
      let advice =
        reason == "no_model"
        ? "set OPENAI_API_KEY, OPENROUTER_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY"
        : "what it did not judge has the scores of the heuristics"
      say("local-runner: no answer of a model (\(reason)): \(advice)")
    } else if let metrics = report.metrics.model.map({ _ in report.metrics }) {
      say("a model was asked \(metrics.modelCalls) times, for \(Self.dollars(metrics.costMicros))")
    }
    if let output {
      try Data(answer.content.utf8).write(to: URL(filePath: output), options: .atomic)
      say("wrote \(output)")
    } else {
      Descriptor.standardOutput.write(Array(answer.content.utf8))
    }
  }

  private static func dollars(_ micros: Int) -> String {
    let fraction = String(micros % 1_000_000)
    return "$\(micros / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
  }

  private func call(
    _ functions: FunctionProcess, _ name: String, _ body: some Encodable, _ progress: ProgressLine
  ) async throws -> Response {
    let input = try JSON.encode(body)
    let outcome: FunctionProcess.Outcome = try await NIOThreadPool.singleton.runIfActive {
      try functions.invoke(name, input: input) { progress.take($0) }
    }
    switch outcome {
    case .response(let response) where response.status < 400: return response
    case .response(let response):
      progress.clear()
      let error = (try? JSON.decode(FailureAnswer.self, from: response.body))?.error
      if error?.code == "internal" || error?.code == "unavailable" { progress.sayLog() }
      say("local-runner: \(error?.message ?? "\(name) answered \(response.status)")")
      throw ExitStatus.of(response)
    case .timedOut:
      progress.sayLog()
      say("local-runner: \(name) did not answer within \(functions.timeout.milliseconds / 1000) s")
      throw ExitStatus.crashed
    case .crashed(let status):
      progress.sayLog()
      say("local-runner: \(name) crashed with status \(status)")
      throw ExitStatus.crashed
    case .other:
      progress.sayLog()
      say("local-runner: \(name) gave no response")
      throw ExitStatus.crashed
    }
  }

  private struct AnalyzeBody: Encodable {
    let url: String
    let maxPages: Int
    let include: [String]
    let exclude: [String]
    let language: String?
    let force: Bool
    let model: Bool
  }

  private struct GenerateBody: Encodable {
    let analysisId: String
    let kind: String
  }

  private struct AnalysisAnswer: Decodable {
    struct Discovery: Decodable { let found: Int }
    struct Metrics: Decodable {
      struct Model: Decodable { let reason: String? }
      let fetched: Int
      let modelCalls: Int
      let costMicros: Int
      let model: Model?
    }
    let id: String
    let partial: Bool
    let discovery: Discovery
    let metrics: Metrics
  }

  private struct DocumentAnswer: Decodable {
    let content: String
  }
}

/// The body of a failure, as the commands tell it.
struct FailureAnswer: Decodable {
  struct Inner: Decodable {
    let code: String
    let message: String
  }
  let error: Inner
}
