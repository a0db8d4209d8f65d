import Contract
import Postgres
import Web

/// A page that was read before, and what its server wants to be asked with (RFC 9110, section 13.1).
struct KnownPage: Sendable {
  let etag: String?
  let lastModified: String?
  /// As ``Page/record`` writes it.
  let record: [UInt8]

  /// The fields that make a request conditional.
  var headers: [String: String] {
    var headers: [String: String] = [:]
    headers["if-none-match"] = etag
    headers["if-modified-since"] = lastModified
    return headers
  }
}

/// Where what was read of pages lies.
///
/// It only saves time: where it fails, pages are read anew.
struct PageStore: Sendable {
  let database: Database

  /// Statements take 65,535 parameters; this is far from it, and enough for any analysis.
  private static let maximumRows = 1000

  /// What is known of some pages, by their URLs.
  func recall(_ urls: [NormalizedURL], _ log: Log, by deadline: ContinuousClock.Instant) -> [NormalizedURL: KnownPage] {
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
      let rows = try database.rows(
        Query(stringInterpolation: query), as: String.self, String?.self, String?.self, [UInt8].self, by: deadline)
      let known = rows.compactMap { row in
        (try? NormalizedURL(row.0)).map { ($0, KnownPage(etag: row.1, lastModified: row.2, record: row.3)) }
      }
      return Dictionary(known) { first, _ in first }
    } catch {
      log(.warning, "pages read before cannot be recalled", ["error": "\(error)"])
      return [:]
    }
  }

  /// Keeps what was read anew and can be asked for again.
  func save(_ pages: [Crawler.CrawledPage], _ log: Log, by deadline: ContinuousClock.Instant) {
    // In one order for all, so that two writers never wait for one another.
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
      log(.warning, "what was read of pages cannot be kept", ["error": "\(error)"])
    }
  }
}
