import Access
import Billing
import Contract
import Fetch
import FetchCurl
import Postgres
import Stripe

let environment = Environment.ofProcess()
let invocation = Invocation(environment)
let database = Database(url: environment["DATABASE_URL"])
await invocation.serve { () throws(Failure) in
  // The function fetches only configured URLs, so no network needs to be allowed.
  let fetcher = Fetcher.curl(guard: AddressGuard(allowing: []), userAgent: "LLMTxtMastery")
  let access = Access(database, tokens: try TokenSettings(environment), fetch: fetcher.smallDocument)
  let client = try StripeClient(environment, fetcher, database)
  let checkout = Checkout(
    access, settings: BillingSettings(environment), client: client, origins: environment.list("CORS_ALLOWED_ORIGINS"))
  return [checkout.start, checkout.catalog, checkout.portal, checkout.claim]
}
