import Access
import Contract
import Crawling
import Documents
import Fetch
import FetchCurl
import LLMSText
import Postgres
import SiteAnalysis

let environment = Environment.ofProcess()
let invocation = Invocation(environment)
let database = Database(url: environment["DATABASE_URL"])
await invocation.serve { () throws(Failure) in
  let agent = UserAgent(environment)
  let fetcher = Fetcher.curl(guard: try AddressGuard(environment), userAgent: agent.header)
  let access = Access(database, tokens: try TokenSettings(environment), fetch: fetcher.smallDocument)
  let analysis = try SiteAnalysis(
    access, environment, fetcher: fetcher, agent: agent.token, writtenFiles: LLMSText.writtenFiles(database))
  let documents = Documents(access, notifies: environment["NOTIFICATION_URL"] != nil)
  let text = LLMSText(analysis)
  let kinds = [text.llmsText, text.llmsFullText]
  return [documents.generate(default: "llms_txt", kinds), documents.readDocument, documents.readContent]
}
