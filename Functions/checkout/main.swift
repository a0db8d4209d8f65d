import Accounts
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
  let settings = BillingSettings(environment)
  // Only configured addresses are asked here, so the guard opens nothing.
  let fetcher = Fetcher.curl(guard: AddressGuard(opened: []), userAgent: "LLMTxtMastery")
  let client = try StripeClient(environment, fetcher, database)
  let tokens = try TokenSettings(environment)
  let keySet = tokens.map { KeySetRefresh(database, $0, fetch: fetcher.smallDocument) }
  let checkout = Checkout(
    database: database, settings: settings, client: client, tokens: tokens, keySet: keySet,
    origins: environment.list("CORS_ALLOWED_ORIGINS"))
  return [checkout.start, checkout.catalog, checkout.portal, checkout.claim]
}
