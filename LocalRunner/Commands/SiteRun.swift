import ArgumentParser
import Contract
import Crawling
import FoundationEssentials
import Invoking
import Web

/// One run of the command `llms`: an analysis and the document that is made from it.
struct SiteRun {
  /// The site to read.
  struct Input: Sendable {
    let site: TypedSite
    /// The public address; nil if it is that of the site.
    let base: NormalizedURL?
    /// Whether the user gave the public address.
    var isBaseGiven = false
  }

  let input: Input
  let options: LLMSCommand
  let progress: ProgressLine

  /// - Throws: the exit status, after a message.
  func perform() async throws -> SiteRunResult {
    progress.show("preparing the database")
    var environment = input.site.variables(in: try FunctionEnvironment.prepare())
    if progress.mode != .none { environment["LOG_PROGRESS"] = "1" }
    if progress.mode == .verbose { environment["LOG_LEVEL"] = "debug" }
    let invoker = OneShotInvoker(FunctionEnvironment.programs(), environment: environment)
    progress.show("connecting to \(input.site.url.host)", stage: "connecting")
    let request = AnalysisRequest(
      url: input.site.url.description, baseUrl: input.base?.description, maxPages: options.maxPages,
      include: options.include, exclude: options.exclude, language: options.language, force: true,
      model: options.model, existing: options.existingFile)
    let report = try JSON.decode(SiteRunResult.Report.self, from: await respond(invoker, .analyze, request).bytes)
    progress.show("composing the document")
    let documentRequest = DocumentRequest(
      analysisId: report.id, kind: options.full ? "llms_full_txt" : "llms_txt")
    let document = try JSON.decode(Document.self, from: await respond(invoker, .generate, documentRequest).bytes)
    return SiteRunResult(
      report: report, document: document.content, kind: documentRequest.kind, seconds: progress.seconds, input: input,
      options: options)
  }

  /// Invokes a function. If it fails, prints the reason and throws the exit status.
  private func respond(_ invoker: some Invoker, _ function: Function, _ body: some Encodable) async throws -> Response {
    let bytes = try JSON.encode(body)
    let response: Response
    do throws(InvocationError) {
      response = try await invoker.respond(function, to: bytes) { progress.take($0) }
    } catch {
      progress.printLog()
      printFailure(error.description)
      throw ExitStatus.crashed
    }
    if response.status < 400 { return response }
    progress.clear()
    let error = (try? JSON.decode(FailureBody.self, from: response.bytes))?.error
    if error?.code == .internal || error?.code == .unavailable { progress.printLog() }
    let message = error?.message ?? "\(function) responded with status \(response.status)"
    printFailure(message + (advice(for: error?.details["reason"]).map { "; \($0)" } ?? ""))
    throw ExitStatus.of(response)
  }

  /// The next step after a failure, as far as the options of the command help.
  private func advice(for reason: String?) -> String? {
    switch reason {
    case "forbidden_address":
      input.site.address.map { "if you need this address, set FETCH_ALLOW_NETWORKS=\($0)" }
        ?? "if the site redirects to a private address, give that address"
    default: SiteAccessOptions.advice(for: reason, input.site)
    }
  }

  // MARK: The fields that this command sends to the functions

  private struct AnalysisRequest: Encodable {
    let url: String
    let baseUrl: String?
    let maxPages: Int
    let include: [String]
    let exclude: [String]
    let language: String?
    let force: Bool
    let model: Bool
    let existing: String?
  }

  private struct DocumentRequest: Encodable {
    let analysisId: String
    let kind: String
  }

  private struct Document: Decodable { let content: String }
}
