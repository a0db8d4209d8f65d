package import Web

extension RobotsFile {
  /// The longest pause between requests that a robots.txt may ask for, in seconds.
  private static let maximumCrawlDelay = 5.0

  /// The pause between requests that the file asks an agent to make (`Crawl-delay`), five seconds at most; zero if it
  /// asks for none.
  package func pause(for agent: String) -> Duration {
    crawlDelay(agent: agent).map { Duration.seconds(min($0, Self.maximumCrawlDelay)) } ?? .zero
  }
}
