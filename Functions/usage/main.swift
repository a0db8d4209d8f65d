import Access
import Accounts
import Contract
import Metering
import Postgres
import Usage

let environment = Environment.ofProcess()
let invocation = Invocation(environment)
let database = Database(url: environment["DATABASE_URL"])
await invocation.serve { () throws(Failure) in
  let access = Access(database, tokens: try TokenSettings(environment))
  let health = Health(database)
  let usage = Usage(access, meters: Metering.feature.meters)
  return [health.live, health.health, usage.current, usage.history]
}
