import ArgumentParser
import Contract
import FoundationEssentials
import Invoking
import SampleSite
import SiteAnalysis
import Web

struct LLMSCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "llms",
    abstract: "Analyze a website and print its llms.txt.",
    discussion: """
      Fetches up to 200 pages, at most eight at a time, as robots.txt allows. The
      file goes to stdout; progress goes to stderr if that is a terminal.

        local-runner llms https://example.com
        local-runner llms https://example.com/docs/ --exclude '/docs/v1/' -o llms.txt
        local-runner llms https://example.com --full -o llms-full.txt
        local-runner llms https://example.com --model     # needs a key, such as OPENAI_API_KEY
        local-runner llms http://localhost:8000/

      Without a URL it analyzes the small sample site that is part of the program.
      """)

  @Argument(help: "The site, or a folder of it.")
  var url: String?

  @Option(name: .shortAndLong, help: "Write to FILE instead of stdout.")
  var output: String?

  @Flag(help: "Replace the file of -o if it exists.")
  var overwrite = false

  @Flag(help: "Write llms-full.txt instead, which contains the text of the pages.")
  var full = false

  @Option(help: "The largest number of pages to fetch, 1 to 200.")
  var maxPages = 200

  @Option(help: "Fetch only paths that match, such as '/docs/**'; may be repeated.")
  var include: [String] = []

  @Option(help: "Skip paths that match; may be repeated.")
  var exclude: [String] = []

  @Option(help: "Use only pages in this language, such as en; by default the language of the home page.")
  var language: String?

  @Flag(help: "Let a language model score and arrange the pages. This costs money: at most two dollars a day.")
  var model = false

  func run() async throws {
    TerminationSignals.endProcess { ProgressLine.clear() }
    if let output, !overwrite, FileManager.default.fileExists(atPath: output) {
      throw ValidationError("\(output) exists; add --overwrite to replace it")
    }
    guard let url else {
      try await SampleSite.serving { address in
        printError("No URL given; analyzing the sample site at \(address)")
        try await write(try NormalizedURL(address))
      }
      return
    }
    do {
      try await write(try NormalizedURL(typed: url))
    } catch let rejection as NormalizedURL.Rejection {
      throw ValidationError("\(url) is not a valid URL: \(rejection.rawValue)")
    }
  }

  private func write(_ site: NormalizedURL) async throws {
    let progress = ProgressLine()
    progress.show("preparing the database")
    var environment = try FunctionEnvironment.prepare()
    if let network = LoopbackOrigin.network(of: site) {
      environment["FETCH_ALLOW_NETWORKS", default: ""] += ",\(network)"
    }
    if progress.isShown { environment["LOG_PROGRESS"] = "1" }
    let invoker = OneShotInvoker(FunctionEnvironment.programs(), environment: environment)
    progress.show("fetching \(site.host)")
    let request = AnalyzeRequest(
      url: site.description, maxPages: maxPages, include: include, exclude: exclude, language: language, force: true,
      model: model)
    let report = try JSON.decode(Report.self, from: await respond(invoker, .analyze, request, progress).bytes)
    let documentRequest = GenerateRequest(analysisId: report.id, kind: full ? "llms_full_txt" : "llms_txt")
    let document = try JSON.decode(
      Document.self, from: await respond(invoker, .generate, documentRequest, progress).bytes)
    progress.finish(
      "\(report.metrics.fetched) of \(report.discovery.found) pages fetched in \(progress.seconds) s"
        + (report.partial ? "; the time ran out before the rest" : ""))
    report.metrics.printModelUse()
    if let output {
      try Data(document.content.utf8).write(to: URL(filePath: output), options: .atomic)
      printError("wrote \(output)")
    } else {
      Descriptor.standardOutput.write(Array(document.content.utf8))
    }
  }

  /// Invokes a function. If it fails, prints the reason and throws the exit status.
  private func respond(
    _ invoker: some Invoker, _ function: Function, _ body: some Encodable, _ progress: ProgressLine
  ) async throws -> Response {
    let input = try JSON.encode(body)
    let response: Response
    do throws(InvocationError) {
      response = try await invoker.respond(function, to: input) { progress.take($0) }
    } catch {
      progress.printLog()
      printFailure(error.description)
      throw ExitStatus.crashed
    }
    if response.status < 400 { return response }
    progress.clear()
    let error = (try? JSON.decode(FailureBody.self, from: response.bytes))?.error
    if error?.code == .internal || error?.code == .unavailable { progress.printLog() }
    printFailure(error?.message ?? "\(function) responded with status \(response.status)")
    throw ExitStatus.of(response)
  }

  // MARK: The fields that this command sends to the functions and reads from their responses

  private struct AnalyzeRequest: Encodable {
    let url: String
    let maxPages: Int
    let include: [String]
    let exclude: [String]
    let language: String?
    let force: Bool
    let model: Bool
  }

  private struct GenerateRequest: Encodable {
    let analysisId: String
    let kind: String
  }

  private struct Report: Decodable {
    struct Discovery: Decodable { let found: Int }
    let id: String
    let partial: Bool
    let discovery: Discovery
    let metrics: Metrics
  }

  private struct Metrics: Decodable {
    struct Model: Decodable { let reason: String? }
    let fetched: Int
    let modelCalls: Int
    let costMicros: Int
    let model: Model?

    /// Prints how often a model was called and at which cost, or why none was called.
    func printModelUse() {
      guard let model else { return }
      guard let reason = model.reason else {
        printError("\(modelCalls) calls to a language model, for \(dollars)")
        return
      }
      let advice =
        reason == "no_model"
        ? "set OPENAI_API_KEY, OPENROUTER_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY"
        : "the remaining pages have heuristic scores"
      printFailure("no answer from a language model (\(reason)); \(advice)")
    }

    private var dollars: String {
      let fraction = String(costMicros % 1_000_000)
      return "$\(costMicros / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }
  }

  private struct Document: Decodable { let content: String }
}
