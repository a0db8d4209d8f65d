package import Contract
package import Fetch
package import Web

/// Reads the sitemaps of a site as they arrive, and gives on what they list; nothing of it is held here.
package struct SitemapReader: Sendable {
  package typealias Discovery = SiteReport.Discovery

  private let fetcher: Fetcher
  private let robots: RobotsFile
  private let agent: String
  private let deadline: Deadline
  private let width: Int

  /// - Parameters:
  ///   - robots: what may not be asked for of the places that nobody named.
  ///   - width: requests at a time.
  package init(fetcher: Fetcher, robots: RobotsFile, agent: String, deadline: Deadline, width: Int = usualWidth) {
    self.fetcher = fetcher
    self.robots = robots
    self.agent = agent
    self.deadline = deadline
    self.width = width
  }

  package struct Listing: Sendable {
    /// The files that could be read, in the order of asking; a source's place in it is its number.
    package var sources: [Discovery.Source] = []
    /// All others that were asked for or not, with why.
    package var skipped: [Skipped] = []
    /// Requests so far, answered or not.
    fileprivate var requests = 0
    fileprivate var entries = 0
    /// The files that were asked for, and where they were found.
    fileprivate var known: Set<NormalizedURL> = []
  }

  package struct Skipped: Sendable {
    package let strategy: Discovery.Strategy
    package let url: NormalizedURL
    package let reason: String

    /// Whether somebody said that it is there: of a guess that came to nothing, nobody wants to hear.
    var isWorthTelling: Bool {
      strategy == .robots || strategy == .homeLink || !["http_404", "http_410", "http_403", "redirect", "robots"].contains(reason)
    }
  }

  /// What a sitemap names.
  package struct Found: Sendable {
    package let url: NormalizedURL
    package let lastModified: String?
    /// The file that names it.
    package let source: NormalizedURL
    /// When that file was asked for, among all: the same for the same site.
    package let request: Int
    /// Where in that file it stands.
    package let position: Int
  }

  package static let usualWidth = 4
  /// Requests, answered or not: what is named may be anywhere, and need not exist.
  private static let maximumRequests = 100
  /// What all files together may list.
  private static let maximumEntries = 5_000_000
  /// How far down indexes are followed.
  private static let maximumDepth = 3

  /// - Parameter body: given what is found, on another thread, and in no order where several files are read at a time.
  package func read(_ places: SitemapPlaces, _ body: @escaping @Sendable (Found) -> Void) async -> Listing {
    var listing = Listing()
    for step in places.steps where listing.entries == 0 {
      let isGuessed = [.commonPaths, .cms, .feed].contains(step.strategy)
      var urls = step.urls
      if isGuessed {
        for url in urls where !robots.allows(url, agent: agent) { listing.skipped.append(Skipped(strategy: step.strategy, url: url, reason: "robots")) }
        urls = urls.filter { robots.allows($0, agent: agent) }
      }
      // Where most sites have it, one request is enough.
      if step.strategy == .commonPaths, let first = urls.first {
        await read([first], step.strategy, &listing, body)
        if listing.entries > 0 { break }
        urls.removeFirst()
      }
      await read(urls, step.strategy, &listing, body)
    }
    return listing
  }

  /// Reads files and those that they name, level by level.
  private func read(
    _ urls: [NormalizedURL], _ strategy: Discovery.Strategy, _ listing: inout Listing, _ body: @escaping @Sendable (Found) -> Void
  ) async {
    var level = urls
    for depth in 0...Self.maximumDepth where !level.isEmpty {
      var waiting = level.filter { !listing.known.contains($0) }[...]
      level = []
      while !waiting.isEmpty {
        let reason: String? =
          deadline.isPast ? "deadline" : listing.requests >= Self.maximumRequests || listing.entries >= Self.maximumEntries ? "too_many" : nil
        if let reason {
          listing.skipped.append(Skipped(strategy: strategy, url: waiting.first!, reason: reason))
          break
        }
        let wave = Array(waiting.prefix(min(width, Self.maximumRequests - listing.requests)))
        waiting = waiting.dropFirst(wave.count)
        // Reported in the order of asking, whichever comes first.
        for file in await fetch(wave, known: listing.known, first: listing.requests, body) {
          if let url = file.found { listing.known.insert(url) }
          listing.entries += file.entries
          if file.kind == nil || file.entries == 0 && file.problem != nil {
            listing.skipped.append(Skipped(strategy: strategy, url: file.url, reason: file.problem ?? "not_a_sitemap"))
          } else {
            listing.sources.append(Discovery.Source(strategy: strategy, url: file.url, entries: file.entries, kept: 0))
            if file.problem != nil { listing.skipped.append(Skipped(strategy: strategy, url: file.url, reason: file.problem!)) }
          }
          if depth < Self.maximumDepth { level += file.children } else if let child = file.children.first { listing.skipped.append(Skipped(strategy: strategy, url: child, reason: "too_many")) }
        }
        listing.known.formUnion(wave)
        listing.requests += wave.count
      }
      level = Self.spread(level)
    }
  }

  private func fetch(
    _ wave: [NormalizedURL], known: Set<NormalizedURL>, first: Int, _ body: @escaping @Sendable (Found) -> Void
  ) async -> [SitemapFile.Summary] {
    await withTaskGroup(of: (Int, SitemapFile.Summary).self) { group in
      for (index, url) in wave.enumerated() {
        group.addTask {
          let file = SitemapFile(url) { url, lastModified, position in
            body(Found(url: url, lastModified: lastModified, source: wave[index], request: first + index, position: position))
          }
          return (index, await file.read(fetcher, by: deadline, except: known.subtracting([url])))
        }
      }
      return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// Files in an order of which any beginning is of all kinds: the first of each numbered series, then the second of each.
  static func spread(_ urls: [NormalizedURL]) -> [NormalizedURL] {
    var counts: [String: Int] = [:]
    let ranked = urls.enumerated().map { position, url in
      let series = String(decoding: url.pathAndQuery.utf8.filter { !(0x30...0x39).contains($0) }, as: UTF8.self)
      defer { counts[series, default: 0] += 1 }
      return (rank: counts[series, default: 0], position: position, url: url)
    }
    return ranked.sorted { ($0.rank, $0.position) < ($1.rank, $1.position) }.map(\.url)
  }
}
