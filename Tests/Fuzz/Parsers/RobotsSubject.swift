import Web

/// Tests ``RobotsFile``: rules are deterministic, and delays are finite.
struct RobotsSubject: Subject {
  let name = "robots"
  let maximumBytes = 8192

  private let urls = [
    "https://example.com/", "https://example.com/a/b.html?c=d*e", "https://example.com/%E4%BD%A0$",
    "https://example.com/robots.txt",
    "https://example.com/" + String(repeating: "aab", count: 60),
  ].compactMap { try? NormalizedURL($0) }
  private let agents = ["LLMTxtMastery", "googlebot", "", "*", "a b", "Ünï"]

  let dictionary = [
    "User-agent:", "useragent", "User-agent: *\n", "Disallow:", "Disallow: /\n", "Allow:", "Allow: /index.html\n",
    "disalow ", "Sitemap:", "site-map",
    "Crawl-delay:", "Crawl-delay: 1e309\n", "Crawl-delay: -1\n", "Crawl-delay: nan\n", "*", "$", "%2A", "%24", "%", "#",
    ":", "\n", "\r", "\r\n", "\u{0}", "\u{feff}",
    "a*", "*a", "/*/", "User-agent: LLMTxtMastery\n", "Disallow: /a*a*a*a*a*a*a*a*a*b\n", "<html>", "ä",
    "99999999999999999999",
  ].tokens

  func samples(in folder: String) -> [[UInt8]] { files(in: "\(folder)/robots", atMost: 400) }

  func compose(_ random: inout Randomness) -> [UInt8] {
    var text = random.once(in: 10) ? "\u{feff}" : ""
    for _ in 0..<random.below(40) {
      let key = random.pick([
        "User-agent", "Allow", "Disallow", "Sitemap", "Crawl-delay", "disalow", "user agent", "Host", "# comment",
      ])
      let value = random.pick([
        "*", "LLMTxtMastery", "Googlebot/2.1", "/", "/a", "/a/*.html$", "/*?*", "/%61%2a", "/\(random.below(1000))",
        "https://example.com/sitemap.xml", "10", "0.5", "",
      ])
      text += key + random.pick([": ", ":", " ", " : "]) + value + random.pick(["\n", "\r\n", "\r", " # why\n"])
    }
    return Array(text.utf8)
  }

  func check(_ input: [UInt8], _ random: inout Randomness) throws(Violation) {
    let file = RobotsFile(input)
    let repeated = RobotsFile(input)
    try require(file.sitemaps == repeated.sitemaps, "the list of sitemaps is deterministic")
    try require(
      file.sitemaps.reduce(0) { $0 + $1.utf8.count } <= 3 * input.count, "sitemap URLs are not longer than the file")
    for agent in agents {
      for url in urls {
        let isAllowed = file.allows(url, agent: agent)
        try require(
          isAllowed == repeated.allows(url, agent: agent), "the result for \(agent) and \(url) is deterministic")
        if url.path == "/robots.txt" {
          try require(isAllowed, "robots.txt itself is allowed (RFC 9309, section 2.2.2)")
        }
      }
      if let delay = file.crawlDelay(agent: agent) {
        try require(delay >= 0 && delay.isFinite, "a crawl delay is finite and not negative")
      }
    }
  }
}
