package import Access
import Contract
package import Fetch
import FoundationEssentials

/// Checks an llms.txt: the kind `llms_txt` of `POST /analyze`.
package struct Validation: Sendable {
  /// Receives the number of targets checked, and the number to check.
  package typealias Progress = @Sendable (_ checked: Int, _ total: Int, Call) -> Void

  private let fetcher: Fetcher
  private let agent: String
  private let report: Progress

  /// - Parameter agent: the crawler's product token in robots.txt.
  package init(fetcher: Fetcher, agent: String, report: @escaping Progress = { _, _, _ in }) {
    self.fetcher = fetcher
    self.agent = agent
    self.report = report
  }

  /// A report is computed for each request, and is not stored or counted.
  package var kind: Kind {
    Kind("llms_txt", ValidationRequest.self, isIdempotent: false) { input, call in
      let validator = Validator(
        fetcher: fetcher, agent: agent, deadline: call.deadline.leaving(.seconds(1)),
        onProgress: { report($0, $1, call) })
      switch input.source {
      case .url(let url): return try .json(try await validator.validate(url, at: Date()))
      case .content(let text): return try .json(await validator.validate(Array(text.utf8), at: Date()))
      }
    }
  }
}
