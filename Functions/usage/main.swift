import Accounts
import Contract
import Metering
import Postgres

let environment = Environment.ofProcess()
let invocation = Invocation(environment)
let database = Database(url: environment["DATABASE_URL"])
await invocation.serve { () throws(Failure) in
  let health = Health(database)
  let usage = Usage(database, tokens: try TokenSettings(environment))
  return [health.live, health.health, usage.now, usage.history]
}
