import FoundationEssentials
import Limits
import Postgres
import Support
import Testing

struct ServicePauseTests {
  private let database: Database
  private let pause: ServicePause
  private let soon = ContinuousClock.now.advanced(by: .seconds(60))
  private let start = Date(timeIntervalSince1970: 1_772_323_200)

  init() throws {
    database = Database(url: try TestDatabase.make(Limits.migrations))
    pause = ServicePause(database, name: "service")
  }

  private func remaining(at seconds: Double) throws -> Duration? {
    try pause.remaining(at: start.addingTimeInterval(seconds), by: soon)
  }

  private func begin(_ duration: Duration, at seconds: Double) throws {
    try pause.begin(duration, at: start.addingTimeInterval(seconds), by: soon)
  }

  @Test func pauseLastsUntilItsEnd() throws {
    #expect(try remaining(at: 0) == nil)
    try begin(.seconds(30), at: 0)
    #expect(try remaining(at: 0) == .seconds(30))
    #expect(try remaining(at: 29) == .seconds(1))
    #expect(try remaining(at: 30) == nil)
    #expect(try ServicePause(database, name: "another").remaining(at: start, by: soon) == nil)
  }

  @Test func laterEndOfTwoPausesWins() throws {
    try begin(.seconds(30), at: 0)
    try begin(.seconds(2), at: 1)
    #expect(try remaining(at: 1) == .seconds(29))
    try begin(.seconds(60), at: 2)
    #expect(try remaining(at: 2) == .seconds(60))
    try begin(.zero, at: 3)
    #expect(try remaining(at: 3) == .seconds(59))
  }

  @Test func pauseLastsAtMostAnHour() throws {
    try begin(.seconds(86_400), at: 0)
    #expect(try remaining(at: 0) == .seconds(3600))
    // A clock that was a day ahead has been corrected.
    #expect(try remaining(at: -86_400) == nil)
    try begin(.seconds(5), at: -86_400)
    #expect(try remaining(at: -86_400) == .seconds(5))
  }

  @Test func pauseIsPurgedADayAfterItsEnd() throws {
    try begin(.seconds(30), at: 0)
    #expect(try Limits.purge(database, at: start.addingTimeInterval(86_000), by: soon) == 0)
    #expect(try Limits.purge(database, at: start.addingTimeInterval(86_500), by: soon) == 1)
  }
}
