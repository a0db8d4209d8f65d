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
  private let isBounded: Bool
  private let pace: HostPace

  /// - Parameters:
  ///   - robots: what may not be asked for of the places that nobody named.
  ///   - width: requests at a time.
  ///   - isBounded: whether there is an end to the files that are read; without, only the deadline and the protocol's
  ///   limits are one.
  package init(
    fetcher: Fetcher, robots: RobotsFile, agent: String, deadline: Deadline, width: Int = usualWidth,
    isBounded: Bool = true
  ) {
    self.init(
      fetcher: fetcher, robots: robots, agent: agent, deadline: deadline, width: width, isBounded: isBounded,
      pace: HostPace())
  }

  /// - Parameter pace: when the site may be asked.
  init(
    fetcher: Fetcher, robots: RobotsFile, agent: String, deadline: Deadline, width: Int = usualWidth,
    isBounded: Bool = true, pace: HostPace
  ) {
    self.fetcher = fetcher
    self.robots = robots
    self.agent = agent
    self.deadline = deadline
    self.width = width
    self.isBounded = isBounded
    self.pace = pace
  }

  package struct Listing: Sendable {
    /// The files that could be read, in the order of asking; a source's place in it is its number.
    package var sources: [Discovery.Source] = []
    /// All others that were asked for or not, with why.
    package var skipped: [Skipped] = []
    /// Requests so far, answered or not.
    fileprivate var requests = 0
    fileprivate var entries = 0
    /// Pages that were looked for.
    fileprivate var wanted = 0
    /// Requests in a row that came to nothing.
    fileprivate var failures = 0
    /// Where among the sources the files are that listed such pages, and the indexes that named those.
    fileprivate var useful: Set<Int> = []
    /// By the file that it names, the index, as a place among the sources.
    fileprivate var parents: [NormalizedURL: Int] = [:]
    /// The files that were asked for, and where they were found.
    fileprivate var known: Set<NormalizedURL> = []

    /// The sitemaps that list pages that were looked for, an index before what it names. A feed lists what is new, and
    /// is none.
    package var sitemaps: [NormalizedURL] {
      sources.enumerated().filter { useful.contains($0.offset) && $0.element.strategy != .feed }.compactMap(
        \.element.url)
    }

    fileprivate mutating func markUseful(_ source: Int) {
      var source = source
      while useful.insert(source).inserted, let url = sources[source].url, let parent = parents[url] { source = parent }
    }
  }

  package struct Skipped: Sendable {
    package let strategy: Discovery.Strategy
    package let url: NormalizedURL
    package let reason: String

    /// Whether somebody said that it is there: of a guess that came to nothing, nobody wants to hear.
    var isWorthTelling: Bool {
      strategy == .robots || strategy == .homeLink
        || !["http_404", "http_410", "http_403", "redirect", "robots"].contains(reason)
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
  /// Requests of an analysis, answered or not. With the time that it has for them, it reads as many as it can.
  static let maximumRequests = 1000
  /// Requests in a row that may come to nothing: what is named may be anywhere, and need not exist.
  static let maximumFailures = 100
  /// How long the pauses may be, together, that a site wants between requests for what nobody named.
  private static let guessing = Duration.seconds(10)
  /// What all files together may list.
  private static let maximumEntries = 5_000_000
  /// How far down indexes are followed.
  private static let maximumDepth = 3

  /// Reads what is at the places, one kind after another until one lists a page that is looked for.
  ///
  /// - Parameter body: given what is found, on another thread, and in no order where several files are read at a time;
  ///   says whether it
  ///   is looked for.
  package func read(_ places: SitemapPlaces, _ body: @escaping @Sendable (Found) -> Bool) async -> Listing {
    var listing = Listing()
    var guesses = pace.interval > .zero ? Int(Self.guessing / pace.interval) : .max
    for step in places.steps where listing.wanted == 0 {
      let isGuessed = [.commonPaths, .cms, .feed].contains(step.strategy)
      var urls = step.urls
      if isGuessed {
        for url in urls where !robots.allows(url, agent: agent) {
          listing.skipped.append(Skipped(strategy: step.strategy, url: url, reason: "robots"))
        }
        urls = urls.filter { robots.allows($0, agent: agent) && !listing.known.contains($0) }
        urls = Array(urls.prefix(guesses))
        guesses -= urls.count
      }
      // Where most sites have it, one request is enough.
      if step.strategy == .commonPaths, let first = urls.first {
        await read([first], step.strategy, &listing, body)
        if listing.wanted > 0 { break }
        urls.removeFirst()
      }
      await read(urls, step.strategy, &listing, body)
    }
    return listing
  }

  /// Reads files and those that they name, level by level.
  private func read(
    _ urls: [NormalizedURL], _ strategy: Discovery.Strategy, _ listing: inout Listing,
    _ body: @escaping @Sendable (Found) -> Bool
  ) async {
    var level = urls
    for depth in 0...Self.maximumDepth where !level.isEmpty {
      var waiting = level.filter { !listing.known.contains($0) }[...]
      level = []
      while !waiting.isEmpty {
        let reason: String? =
          deadline.isPast ? "deadline" : isBounded && Self.isTooMuch(listing) ? "too_many" : nil
        if let reason {
          listing.skipped.append(Skipped(strategy: strategy, url: waiting.first!, reason: reason))
          break
        }
        let wave = Array(waiting.prefix(isBounded ? min(width, Self.maximumRequests - listing.requests) : width))
        waiting = waiting.dropFirst(wave.count)
        // Reported in the order of asking, whichever comes first.
        for file in await fetch(wave, known: listing.known, first: listing.requests, body) {
          if let url = file.found { listing.known.insert(url) }
          listing.entries += file.entries
          listing.wanted += file.wanted
          if file.kind == nil || file.entries == 0 && file.problem != nil {
            listing.failures += 1
            listing.skipped.append(Skipped(strategy: strategy, url: file.url, reason: file.problem ?? "not_a_sitemap"))
          } else {
            listing.failures = 0
            let place = listing.sources.count
            // What was read before leads here, not the other way.
            for child in file.children where listing.parents[child] == nil && !listing.known.contains(child) {
              listing.parents[child] = place
            }
            listing.sources.append(Discovery.Source(strategy: strategy, url: file.url, entries: file.entries, kept: 0))
            if file.wanted > 0 { listing.markUseful(place) }
            if file.problem != nil {
              listing.skipped.append(Skipped(strategy: strategy, url: file.url, reason: file.problem!))
            }
          }
          if depth < Self.maximumDepth {
            level += file.children
          } else if let child = file.children.first {
            listing.skipped.append(Skipped(strategy: strategy, url: child, reason: "too_many"))
          }
        }
        listing.known.formUnion(wave)
        listing.requests += wave.count
      }
      level = Self.spread(level)
    }
  }

  private static func isTooMuch(_ listing: Listing) -> Bool {
    listing.requests >= maximumRequests || listing.failures >= maximumFailures || listing.entries >= maximumEntries
  }

  private func fetch(
    _ wave: [NormalizedURL], known: Set<NormalizedURL>, first: Int, _ body: @escaping @Sendable (Found) -> Bool
  ) async -> [SitemapFile.Summary] {
    await withTaskGroup(of: (Int, SitemapFile.Summary).self) { group in
      for (index, url) in wave.enumerated() {
        group.addTask {
          let file = SitemapFile(url) { url, lastModified, position in
            body(
              Found(
                url: url, lastModified: lastModified, source: wave[index], request: first + index, position: position))
          }
          await pace.turn(by: deadline)
          return (index, await file.read(fetcher, by: deadline, except: known.subtracting([url])))
        }
      }
      return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// Files in an order of which any beginning is of all kinds: the first of each numbered series, then the second of
  /// each.
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
