import FoundationEssentials
import Support
import Testing
import Web

/// Compares ``RobotsFile`` with PyPI's protego, which agrees with Google's matcher, on real files and on URLs made from
/// their patterns.
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

  /// An intended difference: without its cause in the text and the URL, protego returns our verdict.
  private struct Explanation {
    let reason: String
    let removeCause: @Sendable (_ text: String, _ url: String) -> (text: String, url: String)
  }

  private static let explanations: [Explanation] = [
    Explanation(reason: "a final question mark is removed from a URL before it is matched") { text, url in
      (text, url.hasSuffix("?") ? String(url.dropLast()) : url)
    },
    Explanation(
      reason: "protego lets an escaped question mark begin the query; RFC 9309, section 2.2.2, does not"
    ) { text, url in
      (text, url.replacing("%3F", with: "-"))
    },
    Explanation(
      reason: "protego also matches a final dollar sign as a character; by section 2.2.3 it only anchors the pattern"
    ) { text, url in
      (text, url.replacing("$", with: "-"))
    },
    Explanation(reason: "a byte order mark is not a part of the first key; protego expects text without one") {
      text, url in
      (text.replacing("\u{feff}", with: ""), url)
    },
    Explanation(reason: "a backslash in a path is a slash (WHATWG URL, section 4.4)") { text, url in
      (text, url.replacing("\\", with: "/"))
    },
    Explanation(
      reason: "protego adds a slash before a pattern that is a whole URL; a path never begins with one (section 2.2.2)"
    ) { text, url in
      (text.replacing(": http", with: ": x-http"), url)
    },
    Explanation(
      reason: "protego counts a question mark in a pattern as three characters; it is one octet (section 2.2.2)"
    ) { text, url in
      (text.replacing("?", with: "-"), url.replacing("?", with: "-"))
    },
  ]

  @Test(
    .enabled(if: canRun, "needs ../shared/data/robots, and PROTEGO_PYTHON, which Tests/run sets"),
    .timeLimit(.minutes(5)))
  func verdictsAgreeWithProtegoOrAreExplained() async throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder).filter { $0 != "README.md" }.sorted()
    let verdicts = try names.flatMap(Self.verdicts)
    let questions = verdicts.map(\.question)
    let pairs = questions.reduce(0) { $0 + $1.urls.count }
    #expect(pairs >= 20_000)

    var unexplained: [Disagreement] = []
    let answers = try await Self.askProtego(questions)
    #expect(answers.count == questions.count)
    for (verdict, answer) in zip(verdicts, answers) {
      let question = verdict.question
      #expect(answer.count == question.urls.count, "\(verdict.name): an answer has the wrong length")
      for (url, (ours, theirs)) in zip(question.urls, zip(verdict.allowed, answer)) where ours != theirs {
        unexplained.append(
          Disagreement(name: verdict.name, text: question.text, agent: question.agent, url: url, isAllowed: ours == "1")
        )
      }
    }
    #expect(unexplained.count < pairs / 50, "the answers of protego cannot be parsed")

    for explanation in Self.explanations {
      let again = unexplained.map { disagreement in
        let (text, url) = explanation.removeCause(disagreement.text, disagreement.url)
        return Question(text: text, agent: disagreement.agent, urls: [url])
      }
      let rest = zip(unexplained, try await Self.askProtego(again)).filter { $1 != ($0.isAllowed ? "1" : "0") }.map(\.0)
      #expect(rest.count < unexplained.count, "this explains no difference: \(explanation.reason)")
      unexplained = rest
    }
    for disagreement in unexplained {
      let ours = disagreement.isAllowed ? "allowed" : "disallowed"
      Issue.record("\(disagreement.name), \(disagreement.agent), \(disagreement.url): our verdict is \(ours)")
    }
  }

  private static func verdicts(on name: String) throws -> [Verdict] {
    let bytes = Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name)")))
    let robots = RobotsFile(bytes)
    let text = String(decoding: bytes, as: UTF8.self)
    let urls = RobotsURLs.urls(for: text)
    let normalized = try urls.map { try NormalizedURL($0) }
    return agents.map { agent in
      let allowed = normalized.map { robots.allows($0, agent: agent) ? "1" : "0" }.joined()
      return Verdict(name: name, question: Question(text: text, agent: agent, urls: urls), allowed: allowed)
    }
  }

  /// Returns a line of `1` and `0` for each question.
  private static func askProtego(_ questions: [Question]) async throws -> [Substring] {
    var input: [UInt8] = []
    for question in questions { input += try JSONEncoder().encode(question) + [0x0a] }
    let outcome = try await Command(python, ["\(Products.package)/Tests/WebTests/protego-verdicts.py"]).run(
      input: input)
    guard outcome.status == 0 else { throw Command.Failed(description: outcome.error) }
    return outcome.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
  }
}
