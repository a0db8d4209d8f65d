import Contract
import Metering
import Postgres

let environment = Environment.ofProcess()
let invocation = Invocation(environment)
let health = Health(Database(url: environment["DATABASE_URL"]))
await invocation.serve { [health.live, health.health] }
