import Synchronization
package import Web

extension SitemapReader {
  /// Collects the pages of a site that its sitemaps list, without repetitions and in the order of the files.
  ///
  /// - Parameter limit: the most pages; the first ones that arrive are taken.
  package func collect(_ places: SitemapPlaces, of site: NormalizedURL, limit: Int = 200_000) async -> (
    pages: [Found], listing: Listing
  ) {
    let pages = CollectedPages()
    let listing = await read(places) { found in
      guard found.url.isSameSite(as: site) else { return false }
      pages.add(found, limit)
      return true
    }
    return (pages.sorted, listing)
  }
}

private final class CollectedPages: Sendable {
  private let pages = Mutex<[NormalizedURL: SitemapReader.Found]>([:])

  func add(_ found: SitemapReader.Found, _ limit: Int) {
    pages.withLock { pages in
      if let earlier = pages[found.url] {
        if (found.request, found.position) < (earlier.request, earlier.position) { pages[found.url] = found }
      } else if pages.count < limit {
        pages[found.url] = found
      }
    }
  }

  var sorted: [SitemapReader.Found] {
    pages.withLock { $0.values.sorted { ($0.request, $0.position) < ($1.request, $1.position) } }
  }
}
