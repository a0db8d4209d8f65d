import Web

/// Reports which URLs a robots.txt allows.
package struct RobotsInspection {
  private let robots: RobotsFile
  private let agent: String

  /// - Parameters:
  ///   - bytes: the contents of the robots.txt.
  ///   - agent: the product token of the crawler.
  package init(_ bytes: [UInt8], agent: String) {
    robots = RobotsFile(bytes)
    self.agent = agent
  }

  /// One line for a URL or a path: `allowed`, `disallowed` or `invalid`, a tab and the text.
  package func line(for text: String) -> String {
    guard let url = (try? NormalizedURL("http://localhost/")).flatMap({ try? NormalizedURL(text, relativeTo: $0) })
    else { return "invalid\t\(text)\n" }
    return "\(robots.allows(url, agent: agent) ? "allowed" : "disallowed")\t\(text)\n"
  }
}
