import Billing
import Contract
import Postgres

let environment = Environment.ofProcess()
let invocation = Invocation(environment)
let database = Database(url: environment["DATABASE_URL"])
await invocation.serve { [StripeWebhook(database: database, settings: BillingSettings(environment)).receive] }
