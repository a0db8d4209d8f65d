package import Contract
package import Fetch
package import Web

/// Reads the sitemaps of a site: those that robots.txt names, else those at the usual places.
package struct SitemapReader: Sendable {
  private let fetcher: Fetcher
  private let deadline: Deadline

  package init(fetcher: Fetcher, deadline: Deadline) {
    self.fetcher = fetcher
    self.deadline = deadline
  }

  package struct Listing: Sendable {
    /// The files that could be read, in the order of reading.
    package var sitemaps: [NormalizedURL] = []
    /// What they list, without repetitions.
    package var entries: [(url: NormalizedURL, lastModified: String?, source: NormalizedURL)] = []
  }

  /// Bounds on one site's sitemaps; indexes are followed three levels down.
  private static let maximumFiles = 50
  /// Requests, answered or not: what is named may be anywhere, and need not exist.
  private static let maximumRequests = 100
  private static let maximumEntries = 200_000
  private static let maximumDepth = 3

  static let usualPlaces = [
    "/sitemap.xml", "/sitemap_index.xml", "/sitemap-index.xml", "/sitemaps.xml", "/sitemap.xml.gz", "/sitemap.txt",
    "/wp-sitemap.xml",
  ]

  /// - Parameters:
  ///   - named: what robots.txt and the home page name.
  ///   - home: whose origin the usual places are sought on where nothing is named, or nothing named can be read.
  package func read(named: [NormalizedURL], home: NormalizedURL) async -> Listing {
    var listing = Listing()
    var seen: Set<NormalizedURL> = []
    var queue = named.map { ($0, 0) }
    await drain(&queue, &seen, &listing)
    if listing.sitemaps.isEmpty {
      for place in Self.usualPlaces where listing.sitemaps.isEmpty {
        queue = [(home.at(path: place), 0)]
        await drain(&queue, &seen, &listing)
      }
    }
    return listing
  }

  private func drain(
    _ queue: inout [(NormalizedURL, Int)], _ seen: inout Set<NormalizedURL>, _ listing: inout Listing
  ) async {
    var known: Set<NormalizedURL> = Set(listing.entries.map(\.url))
    var next = 0
    while next < min(queue.count, Self.maximumRequests), listing.sitemaps.count < Self.maximumFiles, listing.entries.count < Self.maximumEntries {
      let (url, depth) = queue[next]
      next += 1
      guard seen.insert(url).inserted, !deadline.isPast, let (sitemap, source) = await fetch(url) else { continue }
      listing.sitemaps.append(url)
      for entry in sitemap.entries {
        guard let target = try? NormalizedURL(entry.location, relativeTo: source) else { continue }
        if sitemap.kind == .index {
          if depth < Self.maximumDepth, queue.count < Self.maximumRequests { queue.append((target, depth + 1)) }
        } else if known.insert(target).inserted, listing.entries.count < Self.maximumEntries {
          listing.entries.append((target, entry.lastModified, url))
        }
      }
    }
  }

  private func fetch(_ start: NormalizedURL) async -> (Sitemap, NormalizedURL)? {
    guard let (response, url) = try? await fetcher.fetchFollowingRedirects(start, limits: .sitemap, by: deadline),
      response.status == 200, let sitemap = Sitemap(response.body)
    else { return nil }
    return (sitemap, url)
  }
}
