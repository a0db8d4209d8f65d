import Billing
import Contract
import Metering
import Postgres

let environment = Environment.ofProcess()
let invocation = Invocation(environment)
let database = Database(url: environment["DATABASE_URL"])
let stripe = StripeWebhook(database: database, settings: BillingSettings(environment))
let clerk = ClerkWebhook(
  database: database, settings: ClerkSettings(environment), data: Metering.accountData + Billing.accountData)
await invocation.serve { [stripe.receive, clerk.receive] }
