/// A parsed robots.txt: decides which URLs a crawler may fetch (RFC 9309; the parser follows Google's if the RFC does
/// not specify a case).
package struct RobotsFile: Sendable {
  /// The number of bytes that are parsed; the rest is ignored. The RFC requires at least 500 KiB (section 2.5).
  package static let maximumBytes = 512_000
  /// Longer lines are truncated, as in Google's parser.
  private static let maximumLineBytes = 8 * 2083

  private var groups: [Group] = []
  /// The values of `Sitemap` lines as written. They may be absolute or relative URLs, or invalid.
  package private(set) var sitemaps: [String] = []

  /// Rules for one or more user agents.
  private struct Group {
    /// In lower case; `*` matches every crawler.
    var agents: [String]
    var rules: [RobotsRule] = []
    /// The delay in seconds for each agent of the group.
    var crawlDelays: [String: Double] = [:]
  }

  /// A file that allows everything, used if the site has no robots.txt.
  package static let allowingAll = RobotsFile([])

  package init(_ bytes: [UInt8]) {
    var text = bytes.prefix(Self.maximumBytes)
    // Drop the truncated last line: its shorter pattern could forbid more than the complete one.
    if bytes.count > text.count, let end = text.lastIndex(where: { $0 == 0x0a || $0 == 0x0d }) { text = text[..<end] }
    if text.starts(with: [0xef, 0xbb, 0xbf]) { text = text.dropFirst(3) }
    var isCollectingAgents = false
    /// The agents of the current group that the next `Crawl-delay` applies to, and whether the last line was a delay.
    /// A delay must not end a group (section 2.2.4), but a delay after one agent does not apply to agents that are
    /// named after it.
    var agentsForDelay: [String] = []
    var hasDelay = false
    for line in text.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }) {
      guard let (key, value) = Self.keyAndValue(line.prefix(Self.maximumLineBytes)) else { continue }
      switch key {
      case .userAgent:
        let agent = Self.agentToken(value)
        if isCollectingAgents {
          groups[groups.count - 1].agents.append(agent)
        } else {
          groups.append(Group(agents: [agent]))
        }
        if !isCollectingAgents || hasDelay { agentsForDelay = [] }
        // Bounded, because every delay of a group is stored once for each of its agents.
        if agentsForDelay.count < 100 { agentsForDelay.append(agent) }
        hasDelay = false
        isCollectingAgents = true
      case .allow, .disallow:
        isCollectingAgents = false
        // Ignore rules before the first group (section 2.1) and empty patterns, which match nothing (section 2.2.2).
        guard !groups.isEmpty, !value.isEmpty else { continue }
        groups[groups.count - 1].rules.append(RobotsRule(pattern: value, allows: key == .allow))
        if key == .allow, let folder = RobotsRule.folder(ofIndexPage: value) {
          groups[groups.count - 1].rules.append(folder)
        }
      case .crawlDelay:
        guard let seconds = Double(String(decoding: value, as: UTF8.self)), seconds >= 0, seconds.isFinite else {
          continue
        }
        for agent in agentsForDelay { groups[groups.count - 1].crawlDelays[agent] = seconds }
        hasDelay = true
      case .sitemap:
        if !value.isEmpty { sitemaps.append(String(decoding: value, as: UTF8.self)) }
      }
    }
  }

  /// True if `agent`, a product token such as `Googlebot`, may fetch `url`.
  ///
  /// The rules of all groups that name the agent are combined; if there are none, those of the groups for `*`. The
  /// longest matching pattern decides; if two are equally long, the `Allow` wins (section 2.2.2).
  package func allows(_ url: NormalizedURL, agent: String) -> Bool {
    let path = RobotsRule.escapingWildcards(Array(url.pathAndQuery.utf8)[...])
    if url.path == "/robots.txt" { return true }
    var longestAllow = -1
    var longestDisallow = -1
    for group in groups(for: agent) {
      for rule in group.rules {
        guard let length = rule.matchLength(path) else { continue }
        if rule.allows {
          longestAllow = max(longestAllow, length)
        } else {
          longestDisallow = max(longestDisallow, length)
        }
      }
    }
    return longestAllow >= longestDisallow
  }

  /// The number of seconds that `agent` should wait between requests, from `Crawl-delay`, which is not part of the
  /// RFC.
  package func crawlDelay(agent: String) -> Double? {
    let token = Self.agentToken(Array(agent.utf8)[...])
    let isNamed = groups.contains { $0.agents.contains(token) }
    return groups.compactMap { $0.crawlDelays[isNamed ? token : "*"] }.max()
  }

  private func groups(for agent: String) -> [Group] {
    let token = Self.agentToken(Array(agent.utf8)[...])
    let own = groups.filter { $0.agents.contains(token) }
    return own.isEmpty ? groups.filter { $0.agents.contains("*") } : own
  }

  /// The product token in lower case: letters, `_` and `-` up to the first other character (section 2.2.1). A value of
  /// only `*` is kept.
  private static func agentToken(_ value: ArraySlice<UInt8>) -> String {
    if value.first == UInt8(ascii: "*"), value.dropFirst().first.map({ $0 <= 0x20 }) ?? true { return "*" }
    let token = value.prefix { (0x61...0x7a).contains($0 | 0x20) || $0 == 0x5f || $0 == 0x2d }
    return String(decoding: token, as: UTF8.self).lowercased()
  }

  private enum Key { case userAgent, allow, disallow, sitemap, crawlDelay }

  /// Splits a line into key and value without comment and white space; nil if the line has no known key.
  private static func keyAndValue(_ line: ArraySlice<UInt8>) -> (Key, ArraySlice<UInt8>)? {
    let line = trimmed(line.prefix { $0 != UInt8(ascii: "#") })
    let keyBytes: ArraySlice<UInt8>
    let value: ArraySlice<UInt8>
    if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
      keyBytes = trimmed(line[..<colon])
      value = trimmed(line[(colon + 1)...])
    } else {
      // If the colon is missing, accept exactly two words as key and value.
      let words = line.split { $0 == 0x20 || $0 == 0x09 }
      guard words.count == 2 else { return nil }
      (keyBytes, value) = (words[0], words[1])
    }
    let name = String(decoding: keyBytes, as: UTF8.self).lowercased()
    guard let key = key(name) else { return nil }
    // `Sitemap https://…`: the first colon is that of the URL.
    if key == .sitemap, let scheme = name.split(whereSeparator: \.isWhitespace).dropFirst().last,
      scheme == "http" || scheme == "https"
    {
      return (key, line[(keyBytes.endIndex - scheme.utf8.count)...])
    }
    return (key, value)
  }

  private static func key(_ name: String) -> Key? {
    // These misspellings are accepted by Google's parser.
    let starts = { (prefixes: String...) in prefixes.contains { name.hasPrefix($0) } }
    if starts("user-agent", "useragent", "user agent") { return .userAgent }
    if starts("allow") { return .allow }
    if starts("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw") { return .disallow }
    if starts("sitemap", "site-map") { return .sitemap }
    if starts("crawl-delay", "crawldelay") { return .crawlDelay }
    return nil
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes.drop { $0 <= 0x20 }
    while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
    return bytes
  }
}
