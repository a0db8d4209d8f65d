import Contract
package import Web

/// Fetches the sitemaps of a site, follows sitemap indexes, and passes on their entries while they arrive.
package struct SitemapReader: Sendable {
  private typealias Place = SitemapPlaces.Place

  private let client: SiteClient
  private let width: Int
  private let isBounded: Bool
  /// The time in which the usual place must begin to answer. Some servers compute a large sitemap for each request.
  ///
  /// If it does not, no other guess is requested. The other guesses have twice the time that the usual place took; at
  /// least a fifth of this time, and at most all of it.
  var patience = Duration.seconds(10)

  /// - Parameters:
  ///   - width: the most requests at a time; one is sent at a time if the site asks for a pause between requests.
  ///   - isBounded: whether the number of files is limited; otherwise only the deadline and the limits of the protocol
  ///     apply.
  package init(client: SiteClient, width: Int = usualWidth, isBounded: Bool = true) {
    self.client = client
    self.width = client.concurrency(width)
    self.isBounded = isBounded
  }

  package struct Listing: Sendable {
    /// The files that could be read, in the order of the requests.
    package var sources: [Discovery.Source] = []
    /// The files that were not read, or not to their ends.
    package var skipped: [Skipped] = []
    /// The number of requests, answered or not.
    fileprivate var requests = 0
    /// The number of responses of any status.
    fileprivate var answers = 0
    fileprivate var entries = 0
    /// The number of pages that the receiver wants.
    fileprivate var wanted = 0
    /// The number of failed requests since the last successful one.
    fileprivate var failures = 0
    /// The indices of the sources that list wanted pages, and of the indexes that name these sources.
    fileprivate var useful: Set<Int> = []
    /// The index of the source that names a file, by the file's URL.
    fileprivate var parents: [NormalizedURL: Int] = [:]
    /// The requested URLs, and those to which they redirect.
    fileprivate var known: Set<NormalizedURL> = []

    /// The sitemaps that list wanted pages, each index before its sitemaps. Feeds are not included, because they list new
    /// pages only.
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
    package let reason: SkipReason

    /// Whether a report should mention the file: robots.txt or the home page names it, or it exists but failed.
    var isNoteworthy: Bool {
      strategy == .robots || strategy == .homeLink
        || ![.http(404), .http(410), .http(403), .redirect, .robots].contains(reason)
    }
  }

  /// An entry of a sitemap.
  package struct Found: Sendable {
    package let url: NormalizedURL
    package let lastModified: String?
    /// The sitemap.
    package let source: NormalizedURL
    /// The number of the request for the sitemap; it is the same in each crawl of an unchanged site.
    package let request: Int
    /// The position of the entry in the sitemap.
    package let position: Int
  }

  package static let usualWidth = 4
  /// The most requests, answered or not.
  static let maximumRequests = 1000
  /// The most failed requests in a row.
  static let maximumFailures = 100
  /// The total of the pauses between requests for URLs that are only guessed, if the site asks for pauses.
  private static let guessing = Duration.seconds(10)
  /// The most guessed URLs that are requested at a time. Other requests of the crawl may run beside them.
  private static let guessWidth = 6
  /// The most entries of all files.
  private static let maximumEntries = 5_000_000
  /// The most levels of indexes.
  private static let maximumDepth = 3

  /// Reads the sitemaps of each group of places until a group lists a wanted page.
  ///
  /// Guesses are requested at the same time. A guess is abandoned if the site takes more than twice as long for it as for
  /// the usual place. If the site does not answer for the usual place, the other guesses are not requested.
  ///
  /// - Parameter receive: receives each entry, on another thread, and in no particular order if several files are read at
  ///   a time; returns whether the page is wanted.
  package func read(_ places: SitemapPlaces, _ receive: @escaping @Sendable (Found) -> Bool) async -> Listing {
    var listing = Listing()
    let pause = client.pace.interval
    var guesses = pause > .zero ? Int(Self.guessing / pause) : .max
    var patience = self.patience
    for step in places.steps where listing.wanted == 0 {
      let step = await allowed(step, &listing)
      let guessed = step.filter(\.isGuess).prefix(guesses)
      guesses -= guessed.count
      let (start, answers) = (ContinuousClock.now, listing.answers)
      await read(guessed + step.filter { !$0.isGuess }, patience: patience + pause * 4, &listing, receive)
      guard !guessed.isEmpty else { continue }
      guard listing.answers > answers else { break }
      patience = min(max(self.patience / 5, start.duration(to: .now) * 2), self.patience)
    }
    return listing
  }

  /// The places without the guesses that robots.txt does not allow, and without those that were requested already.
  private func allowed(_ places: [Place], _ listing: inout Listing) async -> [Place] {
    var allowed: [Place] = []
    var seen = listing.known
    for place in places {
      if place.isGuess || place.strategy == .feed, await !client.allows(place.url) {
        listing.skipped.append(Skipped(strategy: place.strategy, url: place.url, reason: .robots))
      } else if seen.insert(place.url).inserted {
        allowed.append(place)
      }
    }
    return allowed
  }

  /// Reads files and the files that they name, level by level.
  ///
  /// - Parameter patience: the time after which a guess is abandoned if its file has not begun to arrive.
  private func read(
    _ places: [Place], patience: Duration, _ listing: inout Listing, _ receive: @escaping @Sendable (Found) -> Bool
  ) async {
    var level = places
    for depth in 0...Self.maximumDepth where !level.isEmpty {
      var seen = listing.known
      var waiting = level.filter { seen.insert($0.url).inserted }[...]
      level = []
      while let first = waiting.first {
        let reason: SkipReason? =
          client.deadline.isPast ? .deadline : isBounded && Self.exceedsLimits(listing) ? .tooMany : nil
        if let reason {
          listing.skipped.append(Skipped(strategy: first.strategy, url: first.url, reason: reason))
          break
        }
        let width = first.isGuess ? client.concurrency(Self.guessWidth) : width
        let batch = Array(waiting.prefix(isBounded ? min(width, Self.maximumRequests - listing.requests) : width))
        waiting = waiting.dropFirst(batch.count)
        // In the order of the requests, so that the listing is reproducible.
        let files = await fetch(
          batch, known: listing.known, first: listing.requests, patience: patience, receive)
        for (place, file) in zip(batch, files) {
          add(file, place.strategy, to: &listing)
          let children = file.children.map { Place(strategy: place.strategy, url: $0, isGuess: false) }
          if depth < Self.maximumDepth {
            level += children
          } else if let child = children.first {
            listing.skipped.append(Skipped(strategy: child.strategy, url: child.url, reason: .tooMany))
          }
        }
        listing.known.formUnion(batch.map(\.url))
        listing.requests += batch.count
      }
      level = Self.spread(level)
    }
  }

  private func add(_ file: SitemapFile.Summary, _ strategy: Discovery.Strategy, to listing: inout Listing) {
    if let url = file.found { listing.known.insert(url) }
    if case .fetch? = file.problem {} else { listing.answers += 1 }
    listing.entries += file.entries
    listing.wanted += file.wanted
    if file.kind == nil || file.entries == 0 && file.problem != nil {
      listing.failures += 1
      listing.skipped.append(Skipped(strategy: strategy, url: file.url, reason: file.problem ?? .notASitemap))
      return
    }
    listing.failures = 0
    let index = listing.sources.count
    // A file that was read earlier is a parent of this one, not its child.
    for child in file.children where listing.parents[child] == nil && !listing.known.contains(child) {
      listing.parents[child] = index
    }
    listing.sources.append(Discovery.Source(strategy: strategy, url: file.url, entries: file.entries, kept: 0))
    if file.wanted > 0 { listing.markUseful(index) }
    if let problem = file.problem {
      listing.skipped.append(Skipped(strategy: strategy, url: file.url, reason: problem))
    }
  }

  private static func exceedsLimits(_ listing: Listing) -> Bool {
    listing.requests >= maximumRequests || listing.failures >= maximumFailures || listing.entries >= maximumEntries
  }

  /// Fetches a batch of files concurrently, and returns the results in the order of the batch.
  private func fetch(
    _ batch: [Place], known: Set<NormalizedURL>, first: Int, patience: Duration,
    _ receive: @escaping @Sendable (Found) -> Bool
  ) async -> [SitemapFile.Summary] {
    await withTaskGroup(of: (Int, SitemapFile.Summary).self) { group in
      for (index, place) in batch.enumerated() {
        group.addTask {
          let file = SitemapFile(place.url) { url, lastModified, position in
            receive(
              Found(
                url: url, lastModified: lastModified, source: place.url, request: first + index, position: position))
          }
          let known = known.subtracting([place.url])
          return (index, await file.read(client, except: known, patience: place.isGuess ? patience : nil))
        }
      }
      return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// Reorders files so that any prefix is representative: the first file of each numbered series, then the second of each.
  private static func spread(_ places: [Place]) -> [Place] {
    var counts: [String: Int] = [:]
    let ranked = places.enumerated().map { position, place in
      let series = String(decoding: place.url.pathAndQuery.utf8.filter { !(0x30...0x39).contains($0) }, as: UTF8.self)
      defer { counts[series, default: 0] += 1 }
      return (rank: counts[series, default: 0], position: position, place: place)
    }
    return ranked.sorted { ($0.rank, $0.position) < ($1.rank, $1.position) }.map(\.place)
  }
}
