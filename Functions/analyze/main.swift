import Access
import Contract
import Crawling
import Fetch
import FetchCurl
import LLMSText
import Postgres
import SiteAnalysis
import Validation

let environment = Environment.ofProcess()
let invocation = Invocation(environment)
let database = Database(url: environment["DATABASE_URL"])
await invocation.serve { () throws(Failure) in
  let agent = UserAgent(environment)
  let fetcher = Fetcher.curl(guard: try AddressGuard(environment), userAgent: agent.header)
  let access = Access(database, tokens: try TokenSettings(environment), fetch: fetcher.smallDocument)
  let analysis = try SiteAnalysis(
    access, environment, fetcher: fetcher, agent: agent.token, writtenFiles: LLMSText.writtenFiles(database))
  let validation = Validation(fetcher: fetcher, agent: agent.token, report: Progress.validation(environment))
  return [analysis.analyze([validation.kind]), analysis.readAnalysis]
}
