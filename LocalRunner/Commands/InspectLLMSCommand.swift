import ArgumentParser
import Contract
import Crawling
import Fetch
import FoundationEssentials
import Inspect
import Invoking
import SiteAnalysis
import Validation
import Web

struct InspectLLMSCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "llms",
    abstract: "Check an llms.txt and suggest fixes.",
    discussion: """
      Prints each issue with its line, severity, rule, message and fix, and then the
      score, 0 to 100. For the URL of a site, its /llms.txt is fetched; if there is
      none, /.well-known/llms.txt or /docs/llms.txt. Links are checked: at most 200,
      eight at a time, as robots.txt allows.

        local-runner inspect llms llms.txt
        local-runner inspect llms https://example.com
        local-runner inspect llms - --offline --json < llms.txt

      The exit status is 0 if there is no issue of severity error, 1 if there is
      one, 4 if the file may not be fetched, 5 if the site does not respond, and 64
      for invalid arguments.
      """)

  @Argument(help: ArgumentHelp("A file, a URL, or - for stdin.", valueName: "file-or-url"))
  var source: String

  @Flag(help: "Print the report as one line of JSON, as in the response of POST /analyze.")
  var json = false

  @Flag(help: "Do not use the network.")
  var offline = false

  @Option(help: "The time limit for the checks, in seconds.")
  var timeout = 60

  @OptionGroup var access: SiteAccessOptions

  func validate() throws {
    guard (1...3600).contains(timeout) else { throw ValidationError("--timeout takes 1 to 3600 seconds") }
    if offline, isURL { throw ValidationError("--offline does not work with a URL; give a file") }
    if access.isUsed, !isURL { throw ValidationError("--header and --user are for sites; give a URL") }
  }

  private var isURL: Bool { source.hasPrefix("http://") || source.hasPrefix("https://") }

  func run() async throws {
    TerminationSignals.endProcess { ProgressLine.clear() }
    let report = try await ProgressLine.run(ProgressLine.usualMode) { try await self.report($0) }
    if json {
      try StandardOutput.write(JSON.encode(report) + [0x0a])
    } else {
      try StandardOutput.write(Array(report.text.utf8))
    }
    if report.summary.errors > 0 { throw ExitStatus.problem }
  }

  private func report(_ progress: ProgressLine) async throws -> ValidationReport {
    let site = isURL ? try access.site(source) : nil
    progress.show("fetching \(site?.url.host ?? source)")
    let validator = Validator(
      fetcher: offline ? nil : try InspectCommand.fetcher(for: site), agent: UserAgent(.ofProcess()).token,
      deadline: Deadline(after: .seconds(timeout)),
      onProgress: { progress.show("checking links: \($0) of \($1)", stage: "links") })
    guard let url = site?.url else { return await validator.validate(try bytes(), at: Date()) }
    do {
      return try await validator.validate(url, at: Date())
    } catch {
      guard let failure = error as? Failure ?? (error as? any FailureConvertible)?.failure else { throw error }
      progress.clear()
      let advice = site.flatMap { SiteAccessOptions.advice(for: failure.details["reason"], $0) }
      printFailure(failure.message + (advice.map { "; \($0)" } ?? ""))
      throw ExitStatus.of(status: failure.code.status)
    }
  }

  private func bytes() throws -> [UInt8] {
    if source == "-" {
      guard let bytes = Descriptor.standardInput.readAll(limit: ValidationRequest.maximumContent) else {
        throw ValidationError("stdin has more than 1 MB; most programs that use llms.txt read less")
      }
      return bytes
    }
    guard let data = try? Data(contentsOf: URL(filePath: source)) else {
      throw ValidationError("\(source) cannot be read")
    }
    return Array(data)
  }
}
