/// What a robots.txt says (RFC 9309; where the RFC is silent, as Google's parser reads it).
package struct RobotsFile: Sendable {
  /// The bytes that are read; the RFC asks for at least 500 KiB (section 2.5).
  package static let maximumBytes = 512_000
  /// Google's parser cuts a line here.
  private static let maximumLineBytes = 8 * 2083

  private var groups: [Group] = []
  /// As written: absolute, relative, or neither.
  package private(set) var sitemaps: [String] = []

  private struct Group {
    /// In lower case; `*` for everybody.
    var agents: [String]
    var rules: [RobotsRule] = []
    /// Of each agent.
    var crawlDelays: [String: Double] = [:]
  }

  /// A file that allows everything, as where there is none.
  package static let allowingAll = RobotsFile([])

  package init(_ bytes: [UInt8]) {
    var text = bytes.prefix(Self.maximumBytes)
    // Half a line may forbid more than the whole of it would.
    if bytes.count > text.count, let end = text.lastIndex(where: { $0 == 0x0a || $0 == 0x0d }) { text = text[..<end] }
    if text.starts(with: [0xef, 0xbb, 0xbf]) { text = text.dropFirst(3) }
    var isCollectingAgents = false
    /// Of the group in hand, the agents that the next delay is for, and whether the last line was one. A delay may not
    /// end a
    /// group (section 2.2.4), but that of one agent is not meant for those that are named after it.
    var delayed: [String] = []
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
        if !isCollectingAgents || hasDelay { delayed = [] }
        // A group of a thousand agents is nobody's; bounded, for every delay in it is kept for each of them.
        if delayed.count < 100 { delayed.append(agent) }
        hasDelay = false
        isCollectingAgents = true
      case .allow, .disallow:
        isCollectingAgents = false
        // Rules before any group belong to nobody (section 2.1); an empty pattern matches nothing (2.2.2).
        guard !groups.isEmpty, !value.isEmpty else { continue }
        groups[groups.count - 1].rules.append(RobotsRule(pattern: value, allows: key == .allow))
        if key == .allow, let folder = RobotsRule.folder(ofIndexPage: value) {
          groups[groups.count - 1].rules.append(folder)
        }
      case .crawlDelay:
        guard let seconds = Double(String(decoding: value, as: UTF8.self)), seconds >= 0, seconds.isFinite else {
          continue
        }
        for agent in delayed { groups[groups.count - 1].crawlDelays[agent] = seconds }
        hasDelay = true
      case .sitemap:
        if !value.isEmpty { sitemaps.append(String(decoding: value, as: UTF8.self)) }
      }
    }
  }

  /// Whether `agent`, a product token such as `Googlebot`, may read `url`.
  ///
  /// The groups that name the agent count together; without one, those for `*`. Among their rules the longest pattern
  /// that matches decides, and of two equally long ones the one that allows (section 2.2.2).
  package func allows(_ url: NormalizedURL, agent: String) -> Bool {
    let path = RobotsRule.literal(Array(url.pathAndQuery.utf8)[...])
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

  /// Seconds that the file asks `agent` to wait between requests; no part of the RFC.
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

  /// Letters, `_` and `-` up to the first other character (section 2.2.1), in lower case; `*` alone stays itself.
  private static func agentToken(_ value: ArraySlice<UInt8>) -> String {
    if value.first == UInt8(ascii: "*"), value.dropFirst().first.map({ $0 <= 0x20 }) ?? true { return "*" }
    let token = value.prefix { (0x61...0x7a).contains($0 | 0x20) || $0 == 0x5f || $0 == 0x2d }
    return String(decoding: token, as: UTF8.self).lowercased()
  }

  private enum Key { case userAgent, allow, disallow, sitemap, crawlDelay }

  /// A line's key and value, comment and white space removed; nil for what is neither.
  private static func keyAndValue(_ line: ArraySlice<UInt8>) -> (Key, ArraySlice<UInt8>)? {
    let line = trimmed(line.prefix { $0 != UInt8(ascii: "#") })
    let keyBytes: ArraySlice<UInt8>
    let value: ArraySlice<UInt8>
    if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
      keyBytes = trimmed(line[..<colon])
      value = trimmed(line[(colon + 1)...])
    } else {
      // A forgotten colon: two words, and no more, are a key and its value.
      let words = line.split { $0 == 0x20 || $0 == 0x09 }
      guard words.count == 2 else { return nil }
      (keyBytes, value) = (words[0], words[1])
    }
    return key(String(decoding: keyBytes, as: UTF8.self).lowercased()).map { ($0, value) }
  }

  private static func key(_ name: String) -> Key? {
    // The misspellings are those that Google's parser accepts.
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
