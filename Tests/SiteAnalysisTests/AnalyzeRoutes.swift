import Access
import Accounts
import Contract
import Fetch
import Jobs
import Limits
import Metering
import Postgres
import Support
import Validation

@testable import SiteAnalysis

extension TestDatabase {
  /// Creates a database with the tables that `SiteAnalysis` needs.
  static func forAnalyses() throws -> Database {
    Database(
      url: try make(
        Accounts.migrations + Limits.migrations + Metering.migrations + Jobs.migrations + SiteAnalysis.migrations))
  }
}

extension Router {
  /// Creates a router with the `/analyze` routes that fetches with a stub.
  static func analyses(_ database: Database, _ fetcher: Fetcher, agent: String = "LLMTxtMastery") -> Router {
    let analysis = SiteAnalysis(
      Access(database), reader: SiteReader(database, fetcher: fetcher, agent: agent))
    let validation = Validation(fetcher: fetcher, agent: agent)
    return Router(
      [analysis.analyze([validation.kind]), analysis.readAnalysis], log: Log(threshold: .error) { _ in })
  }
}
