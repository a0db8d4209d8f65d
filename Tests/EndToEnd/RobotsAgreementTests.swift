import Contract
import FoundationEssentials
import Support
import Testing

/// `inspect robots` against PyPI's protego, which agrees with Google's matcher, on real files and URLs made from their
/// patterns.
struct RobotsAgreementTests {
  private static let folder = "\(Products.package)/../shared/data/robots"
  private static let python = ProcessInfo.processInfo.environment["PROTEGO_PYTHON"] ?? ""
  private static let canRun = !python.isEmpty && FileManager.default.fileExists(atPath: folder)
  private static let agents = ["*", "LLMTxtMastery", "Googlebot"]

  private struct Question: Encodable {
    let text: String
    let agent: String
    let urls: [String]
  }

  private struct Verdict {
    let name: String
    let question: Question
    /// A `1` or `0` for each URL.
    let allowed: String
  }

  private struct Disagreement {
    let name: String
    let text: String
    let agent: String
    let url: String
    let isAllowed: Bool
  }

  /// A difference that is meant: protego, given the text and the URL without it, says what we say.
  private struct Explanation {
    let reason: String
    let without: @Sendable (_ text: String, _ url: String) -> (text: String, url: String)
  }

  private static let explanations: [Explanation] = [
    Explanation(reason: "a question mark with nothing after it is dropped: what is asked for is the URL without it") {
      text, url in
      (text, url.hasSuffix("?") ? String(url.dropLast()) : url)
    },
    Explanation(
      reason:
        "protego takes an escaped question mark for the one that begins the query (RFC 9309, section 2.2.2, does not)"
    ) { text, url in
      (text, url.replacing("%3F", with: "-"))
    },
    Explanation(
      reason: "protego lets a final dollar sign stand for itself, too; it is the end of the match alone (section 2.2.3)"
    ) { text, url in
      (text, url.replacing("$", with: "-"))
    },
    Explanation(reason: "a byte order mark is none of the first key; protego is given text without one") { text, url in
      (text.replacing("\u{feff}", with: ""), url)
    },
    Explanation(reason: "a backslash in a path is a slash (WHATWG URL, section 4.4), and is asked for as such") {
      text, url in
      (text, url.replacing("\\", with: "/"))
    },
    Explanation(
      reason: "protego puts a slash before a pattern that is a whole URL; a path never begins so (section 2.2.2)"
    ) { text, url in
      (text.replacing(": http", with: ": x-http"), url)
    },
    Explanation(
      reason:
        "protego counts a question mark in a pattern as the three characters of its escape; its octets are one (section 2.2.2)"
    ) { text, url in
      (text.replacing("?", with: "-"), url.replacing("?", with: "-"))
    },
  ]

  @Test(
    .enabled(if: canRun, "needs ../shared/data/robots, and PROTEGO_PYTHON, which Tests/run sets"),
    .timeLimit(.minutes(5)))
  func verdictsAgreeWithProtegoOrAreExplained() async throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder).filter { $0 != "README.md" }.sorted()
    let verdicts = try await Self.verdicts(on: names)
    let questions = verdicts.map(\.question)
    let pairs = questions.reduce(0) { $0 + $1.urls.count }
    #expect(pairs >= 20_000)

    var unexplained: [Disagreement] = []
    let answers = try await Self.ask(questions)
    #expect(answers.count == questions.count)
    for (verdict, answer) in zip(verdicts, answers) {
      let question = verdict.question
      #expect(
        verdict.allowed.count == question.urls.count && answer.count == question.urls.count,
        "\(verdict.name) lacks lines")
      for (url, (ours, theirs)) in zip(question.urls, zip(verdict.allowed, answer)) where ours != theirs {
        unexplained.append(
          Disagreement(name: verdict.name, text: question.text, agent: question.agent, url: url, isAllowed: ours == "1")
        )
      }
    }
    #expect(unexplained.count < pairs / 50, "protego was not understood")

    for explanation in Self.explanations {
      let again = unexplained.map { disagreement in
        let (text, url) = explanation.without(disagreement.text, disagreement.url)
        return Question(text: text, agent: disagreement.agent, urls: [url])
      }
      let rest = zip(unexplained, try await Self.ask(again)).filter { $1 != ($0.isAllowed ? "1" : "0") }.map(\.0)
      #expect(rest.count < unexplained.count, "nothing is explained by this any more: \(explanation.reason)")
      unexplained = rest
    }
    for disagreement in unexplained {
      Issue.record(
        "\(disagreement.name), \(disagreement.agent), \(disagreement.url): we say \(disagreement.isAllowed ? "allowed" : "disallowed")"
      )
    }
  }

  /// What `inspect robots` says, two files at a time.
  private static func verdicts(on names: [String]) async throws -> [Verdict] {
    try await withThrowingTaskGroup(of: [Verdict].self) { group in
      for half in 0..<2 {
        group.addTask {
          var verdicts: [Verdict] = []
          for index in stride(from: half, to: names.count, by: 2) {
            verdicts += try await self.verdicts(on: names[index])
          }
          return verdicts
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }

  private static func verdicts(on name: String) async throws -> [Verdict] {
    let path = "\(folder)/\(name)"
    let text = String(decoding: Array(try Data(contentsOf: URL(filePath: path))), as: UTF8.self)
    let urls = RobotsURLs.urls(for: text)
    var verdicts: [Verdict] = []
    for agent in agents {
      let outcome = try await Command(Products.path(of: "local-runner"), ["inspect", "robots", path, "--agent", agent])
        .run(input: Array(urls.joined(separator: "\n").utf8))
      let allowed = outcome.output.split(separator: "\n").map {
        $0.hasPrefix("allowed\t") ? "1" : $0.hasPrefix("disallowed\t") ? "0" : "?"
      }
      verdicts.append(
        Verdict(name: name, question: Question(text: text, agent: agent, urls: urls), allowed: allowed.joined()))
    }
    return verdicts
  }

  /// A line of `1` and `0` for each question.
  private static func ask(_ questions: [Question]) async throws -> [Substring] {
    var input: [UInt8] = []
    for question in questions { input += try JSON.encode(question) + [0x0a] }
    let outcome = try await Command(python, ["\(Products.package)/Tests/EndToEnd/protego-verdicts.py"]).run(
      input: input)
    guard outcome.status == 0 else { throw Command.Failed(description: outcome.error) }
    return outcome.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
  }
}
