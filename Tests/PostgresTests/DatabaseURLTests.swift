import Postgres
import Testing

struct DatabaseURLTests {
  @Test(arguments: [
    "postgresql:///app", "postgresql://u@localhost/app", "postgresql://u@127.0.0.1/app?sslmode=disable",
    "postgresql://u@[::1]/app",
    "host=/run/postgresql dbname=app", "postgresql://u@/app?host=%2Frun%2Fpostgresql",
    "postgresql://u:p@db.example/app",
    "postgresql://u:p@db.example/app?sslmode=require", "postgresql://u:p@db.example/app?sslmode=verify-full",
  ])
  func urlIsAccepted(text: String) throws { _ = try DatabaseURL(text) }

  @Test(arguments: [
    "postgresql://u:hunter2@db.example/app?sslmode=disable", "postgresql://u:hunter2@db.example/app?sslmode=prefer",
    "postgresql://u:hunter2@db.example/app?sslmode=allow",
    "postgresql://u:hunter2@localhost,db.example/app?sslmode=disable",
    "postgresql://u:hunter2@localhost/app?hostaddr=192.0.2.1&sslmode=disable",
    "postgresql://u:hunter2@127.0.0.1.example.com/app?sslmode=disable",
    "postgresql://u:hunter2@host:5432:1/app?nonsense=1", "hunter2", "postgresql:///app?service=prod&password=hunter2",
  ])
  func urlIsRejectedWithoutQuotingThePassword(text: String) {
    let error = #expect(throws: DatabaseError.self) { try DatabaseURL(text) }
    #expect(error?.code == .configuration)
    #expect(error.map { !"\($0)".contains("hunter2") } == true)
  }

  @Test func descriptionAndDumpOmitThePassword() throws {
    let url = try DatabaseURL("postgresql://u:hunter2@localhost/app")
    var dumped = "\(url)"
    dump(url, to: &dumped)
    #expect(!dumped.contains("hunter2"))
  }
}
