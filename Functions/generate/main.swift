import Accounts
import Contract
import Documents
import Fetch
import FetchCurl
import Metering
import Postgres
import SiteAnalysis

let environment = Environment.ofProcess()
let invocation = Invocation(environment)
let database = Database(url: environment["DATABASE_URL"])
await invocation.serve { () throws(Failure) in
  let agent = UserAgent(environment)
  let fetcher = Fetcher.curl(guard: try AddressGuard(environment), userAgent: agent.header)
  let analysis = SiteAnalysis(
    database: database, fetcher: fetcher, agent: agent.token, tokens: try TokenSettings(environment),
    models: Result { () throws(Failure) in try ModelDesk(environment, database, fetcher) },
    written: Documents.written(database), report: Progress.logged(environment))
  let documents = Documents(database: database, analysis: analysis, isTold: environment["NOTIFICATION_URL"] != nil)
  return [documents.writeDocument, documents.readDocument, documents.readContent]
}
