import ArgumentParser
import Contract
import Fetch
import FetchCurl
import FoundationEssentials
import SiteAnalysis
import Web

struct InspectLLMS: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "llms",
    abstract: "Say what is wrong with an llms.txt, and what would be right.",
    discussion: """
      Prints each issue with its line, severity, rule, message and fix, and a line with the score, 0 to 100. Of a site's URL, its
      /llms.txt is read. Links are asked for, politely: 200 at most, eight at a time, as robots.txt allows.

        local-runner inspect llms llms.txt
        local-runner inspect llms https://example.com
        local-runner inspect llms - --offline --json < llms.txt

      Exit status: 0 without an issue of severity error, 1 with one, 4 where the file may not be read, 5 where the site does not
      answer, 64 for arguments that make no sense.
      """)

  @Argument(help: ArgumentHelp("A file, a URL, or - for stdin.", valueName: "file-or-url"))
  var source: String

  @Flag(help: "Print the report as one line of JSON, as POST /analyze answers it.")
  var json = false

  @Flag(help: "Ask nothing of the network.")
  var offline = false

  @Option(help: "Seconds that the checks may take.")
  var timeout = 60

  func run() async throws {
    let report = try await report()
    if json {
      Descriptor.standardOutput.write(try JSON.encode(report) + [0x0a])
    } else {
      Descriptor.standardOutput.write(Array(Self.text(report).utf8))
    }
    if report.summary.errors > 0 { throw ExitCode(1) }
  }

  private func report() async throws -> ValidationReport {
    guard (1...3600).contains(timeout) else { throw ValidationError("--timeout takes 1 to 3600 seconds") }
    let isURL = source.hasPrefix("http://") || source.hasPrefix("https://")
    let progress = ProgressLine()
    defer { progress.clear() }
    let url: NormalizedURL?
    do {
      url = isURL ? try NormalizedURL(source) : nil
    } catch {
      throw ValidationError("\(source) cannot be read: \(error.rawValue)")
    }
    if offline, isURL { throw ValidationError("a URL cannot be read with --offline; give a file") }
    let validator = Validator(
      fetcher: offline ? nil : try Self.fetcher(for: url), agent: UserAgent(.ofProcess()).token,
      deadline: Deadline(after: .seconds(timeout)),
      report: { progress.show("links asked for: \($0) of \($1)") })
    guard let url else { return await validator.validate(try bytes(), at: Date()) }
    do {
      return try await validator.validate(url, at: Date())
    } catch let error as any FailureConvertible {
      throw Self.refusal(error.failure, progress)
    } catch let failure as Failure {
      throw Self.refusal(failure, progress)
    }
  }

  private static func refusal(_ failure: Failure, _ progress: ProgressLine) -> ExitCode {
    progress.clear()
    say("local-runner: \(failure.message)")
    return ExitStatus.of(Response(status: failure.code.status))
  }

  private static func fetcher(for url: NormalizedURL?) throws -> Fetcher {
    if let url { return try InspectCommand.fetcher(for: url) }
    let environment = Environment.ofProcess()
    return .curl(guard: try AddressGuard(environment), userAgent: UserAgent(environment).header)
  }

  private func bytes() throws -> [UInt8] {
    if source == "-" {
      // A pipe, as a rule, which cannot be read as a file.
      guard let bytes = Descriptor.standardInput.readAll(limit: ValidationRequest.maximumContent) else {
        throw ValidationError("stdin has more than 1 MB, of which every reader cuts most")
      }
      return bytes
    }
    guard let data = try? Data(contentsOf: URL(filePath: source)) else {
      throw ValidationError("\(source) cannot be read")
    }
    return Array(data)
  }

  // MARK: For a person

  private static func text(_ report: ValidationReport) -> String {
    var lines: [String] = []
    for issue in report.issues {
      lines.append("\(issue.line): \(issue.severity.rawValue): \(issue.message) [\(issue.rule.rawValue)]")
      lines.append("    fix: \(issue.fix)")
    }
    let summary = report.summary
    let left = summary.errors + summary.warnings + summary.notices - report.issues.count
    if left > 0 { lines.append("and \(left) more of the same rules") }
    if !lines.isEmpty { lines.append("") }
    lines.append(
      "Score \(report.score) of 100: \(count(summary.errors, "error")), \(count(summary.warnings, "warning")), \(count(summary.notices, "notice"))"
        + " · \(count(summary.links, "link")), \(summary.described) described, in \(count(summary.sections, "section")) · \(summary.characters) characters"
    )
    if let reading = summary.reference {
      lines.append("The reference parser \(readings[reading] ?? reading). \(checks(report))")
    }
    if let coverage = report.coverage {
      lines.append(
        "It links \(coverage.linked) of the \(coverage.pages) pages that the sitemaps list, from \(coverage.sections.count { $0.linked > 0 }) of \(count(coverage.sections.count, "section"))."
      )
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static let readings = ["whole": "reads all of it", "loses": "loses some of it", "crashes": "fails at it"]

  private static func checks(_ report: ValidationReport) -> String {
    let skipped = report.checked.skipped.sorted { $0.key < $1.key }.map {
      "\($0.value) \($0.key.replacing("_", with: " "))"
    }
    let text =
      "Asked for \(count(report.checked.links, "link"))\(skipped.isEmpty ? "" : ", not for \(skipped.joined(separator: ", "))")"
    return text + (report.partial ? "; the time ran out before the rest." : ".")
  }

  private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
