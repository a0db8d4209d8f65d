import Access
import Accounts
import Billing
import Contract
import Metering
import Postgres

let environment = Environment.ofProcess()
let invocation = Invocation(environment)
let database = Database(url: environment["DATABASE_URL"])
let stripe = StripeWebhook(database: database, settings: BillingSettings(environment))
// Only the features that this function links. The worker erases the data of the others.
let features = [Access.feature, Metering.feature, Billing.feature]
let clerk = ClerkWebhook(
  database: database, settings: ClerkSettings(environment), data: features.flatMap(\.personalData))
await invocation.serve { [stripe.receive, clerk.receive] }
