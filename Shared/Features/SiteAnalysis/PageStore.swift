import Contract
import Crawling
import Postgres
import Web

/// Caches fetched pages for all accounts, so that unchanged pages need not be transferred again.
///
/// A database failure is logged, and pages are then fetched without the cache.
struct PageStore: Sendable {
  let database: Database

  /// The maximum number of rows per statement.
  ///
  /// An analysis has fewer pages. PostgreSQL allows 65,535 parameters per statement, and a row has five.
  private static let maximumRows = 1000

  private struct Row: Decodable {
    let url: String
    let etag: String?
    let lastModified: String?
    let record: [UInt8]
  }

  /// Returns the stored pages by URL.
  func load(_ urls: [NormalizedURL], _ log: Log, by deadline: ContinuousClock.Instant) -> [NormalizedURL: KnownPage] {
    guard !urls.isEmpty else { return [:] }
    var query = Query.StringInterpolation(literalCapacity: 200, interpolationCount: urls.count)
    query.appendLiteral("SELECT url, etag, last_modified, record FROM pages_read WHERE version = ")
    query.appendInterpolation(Page.recordVersion)
    for (index, url) in urls.prefix(Self.maximumRows).enumerated() {
      query.appendLiteral(index == 0 ? " AND url IN (" : ", ")
      query.appendInterpolation(url.description)
    }
    query.appendLiteral(")")
    do {
      let rows = try database.rows(Query(stringInterpolation: query), as: Row.self, by: deadline)
      let pages = rows.compactMap { row in
        (try? NormalizedURL(row.url)).map {
          ($0, KnownPage(etag: row.etag, lastModified: row.lastModified, record: row.record))
        }
      }
      return Dictionary(pages) { first, _ in first }
    } catch {
      log(.warning, "stored pages could not be loaded", ["error": "\(error)"])
      return [:]
    }
  }

  /// Stores the changed pages that have validators for a conditional request, and deletes pages older than 30 days.
  func save(_ pages: [CrawledPage], _ log: Log, by deadline: ContinuousClock.Instant) {
    // All writers use the same order of rows, so that they cannot deadlock.
    let rows = pages.filter { !$0.isUnchanged && $0.validators != nil }.sorted {
      $0.page.url.description < $1.page.url.description
    }
    guard !rows.isEmpty else { return }
    var query = Query.StringInterpolation(literalCapacity: 2000, interpolationCount: rows.count * 5)
    query.appendLiteral("INSERT INTO pages_read (url, version, etag, last_modified, record) VALUES ")
    var urls: Set<NormalizedURL> = []
    for row in rows.prefix(Self.maximumRows) where urls.insert(row.page.url).inserted {
      query.appendLiteral(urls.count == 1 ? "(" : ", (")
      query.appendInterpolation(row.page.url.description)
      query.appendLiteral(", ")
      query.appendInterpolation(Page.recordVersion)
      query.appendLiteral(", ")
      query.appendInterpolation(row.validators?.etag)
      query.appendLiteral(", ")
      query.appendInterpolation(row.validators?.lastModified)
      query.appendLiteral(", ")
      query.appendInterpolation(row.page.record)
      query.appendLiteral(")")
    }
    query.appendLiteral(
      """
       ON CONFLICT (url) DO UPDATE SET (version, etag, last_modified, record, read_at) =
        (excluded.version, excluded.etag, excluded.last_modified, excluded.record, now())
      """)
    do {
      try database.transaction(by: deadline) { transaction in
        transaction.send(Query(stringInterpolation: query))
        transaction.send("DELETE FROM pages_read WHERE read_at < now() - interval '30 days'")
      }
    } catch {
      log(.warning, "fetched pages could not be stored", ["error": "\(error)"])
    }
  }
}
