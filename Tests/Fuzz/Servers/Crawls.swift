import Contract
import FoundationEssentials
import Support
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Cold analyses of sites that misbehave, by the function's own program, with shorter deadlines than usual.
struct Crawls {
  let seed: UInt64
  /// The program, beside this one.
  let program: String
  /// Of the largest process.
  let megabytes: Int
  /// How many times as long as usual an analysis may take.
  let patience: Int

  /// Of one analysis.
  private var deadline: Duration { .seconds(8) * patience }
  /// What an analysis may take beyond its deadline on a machine that does other things, too.
  private var grace: Duration { .seconds(4) * patience }
  /// Analyses at a time.
  private static let width = 4

  private struct Outcome {
    let site: HostileSite
    let time: Duration
    let megabytes: Int
    let status: Int
    /// What did not hold, or nil.
    let violation: String?
  }

  private struct Report: Decodable {
    struct Page: Decodable { let url: String }
    let pages: [Page]?
  }

  func run(_ numbers: Range<Int>) async throws(Violation) {
    let forbidden = try server { _, _ in nil }
    let seed = seed
    let port = PortOfServer()
    let server = try server { host, path in
      let parts = host.split(separator: ".").compactMap { Int($0) }
      guard parts.count == 4, parts[0] == 127, parts[1] == 1, numbers.contains(parts[2] * 256 + parts[3]) else {
        return nil
      }
      return HostileSite(number: parts[2] * 256 + parts[3], seed: seed).answer(
        path, port: port.value, forbiddenPort: forbidden.port)
    }
    port.value = server.port
    print("servers: seed \(seed), \(numbers.count) sites, \(Misbehaviour.all.count) ways to misbehave")

    let start = ContinuousClock.now
    let outcomes = await withTaskGroup(of: Outcome.self) { group in
      var outcomes: [Outcome] = []
      for number in numbers {
        if number >= numbers.lowerBound + Self.width, let outcome = await group.next() { outcomes.append(outcome) }
        let site = HostileSite(number: number, seed: seed)
        group.addTask { await analyze(site, server.port) }
      }
      for await outcome in group { outcomes.append(outcome) }
      return outcomes
    }
    try summarize(outcomes, start.duration(to: .now))
    try require(
      (forbidden.dialledWithoutSite + server.dialledWithoutSite).isEmpty,
      "nobody dialled \((forbidden.dialledWithoutSite + server.dialledWithoutSite).first ?? "")")
  }

  private func server(_ handler: @escaping SiteServer.Handler) throws(Violation) -> SiteServer {
    do { return try SiteServer(handler: handler) } catch { throw Violation("\(error)") }
  }

  private func analyze(_ site: HostileSite, _ port: UInt16) async -> Outcome {
    let body = #"{"url":"http://\#(site.host):\#(port)/","maxPages":30,"force":true}"#
    let end = Date.now.timeIntervalSince1970 * 1000 + Double(deadline.milliseconds)
    let environment = [
      "FETCH_ALLOW_NETWORKS": "127.1.0.0/16:\(port)", "INVOCATION_DEADLINE_MS": String(Int(end)), "LOG_LEVEL": "error",
    ]
    let start = ContinuousClock.now
    let (outcome, megabytes) = await run(body, environment)
    let time = start.duration(to: .now)
    guard let outcome, let response = try? JSON.decode(Response.self, from: outcome.bytes) else {
      let end = "\(outcome?.status ?? -1) \(outcome?.error.suffix(2000) ?? "")"
      return Outcome(
        site: site, time: time, megabytes: megabytes, status: 0, violation: "it ends without an answer: \(end)")
    }
    let pages = (try? JSON.decode(Report.self, from: response.body))?.pages ?? []
    let read = Set(
      pages.map {
        "/" + $0.url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true).dropFirst(2).joined()
      })
    let missing = site.goodPaths.filter { !read.contains($0) }
    let violation: String? =
      if time > deadline + grace { "it takes \(time)" }
      // Parsers have nothing to say, and what the program says is one line of JSON each.
      else if !outcome.error.split(separator: "\n").allSatisfy({ $0.hasPrefix("{") }) {
        "it says \(outcome.error.prefix(500))"
      } else if response.status == 500 {
        "it ends in \(String(decoding: response.body, as: UTF8.self))"
      } else if !missing.isEmpty {
        "\(missing) were not read: \(String(decoding: response.body.prefix(600), as: UTF8.self))"
      } else { nil }
    return Outcome(site: site, time: time, megabytes: megabytes, status: response.status, violation: violation)
  }

  /// What became of one process, and the most memory that it was seen with; it is ended where it does not end by
  /// itself.
  private func run(_ input: String, _ environment: [String: String]) async -> (Command.Outcome?, Int) {
    guard let process = try? Command(program, environment: environment).start(input: Array(input.utf8)) else {
      return (nil, 0)
    }
    return await withTaskGroup(of: (Command.Outcome?, Int).self) { group in
      group.addTask { (try? await process.wait(), 0) }
      group.addTask {
        let start = ContinuousClock.now
        var peak = 0
        while !Task.isCancelled {
          // What a child is said to have had at its end would be this program's own memory, from before it became
          // another.
          let status = try? String(contentsOf: URL(filePath: "/proc/\(process.process)/status"), encoding: .utf8)
          let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
          peak = max(peak, line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 / 1024 } ?? 0)
          if start.duration(to: .now) > deadline * 5 { kill(process.process, SIGKILL) }
          try? await Task.sleep(for: .milliseconds(5))
        }
        return (nil, peak)
      }
      let outcome = await group.next()?.0
      group.cancelAll()
      return (outcome, await group.next()?.1 ?? 0)
    }
  }

  private func summarize(_ outcomes: [Outcome], _ time: Duration) throws(Violation) {
    let statuses = outcomes.reduce(into: [:]) { $0[$1.status, default: 0] += 1 }.sorted { $0.key < $1.key }.map {
      "\($0.value) times \($0.key)"
    }
    let largest = outcomes.max { $0.megabytes < $1.megabytes }
    let peak = largest?.megabytes ?? 0
    for outcome in outcomes.sorted(by: { $0.time > $1.time }).prefix(3) {
      print(
        "servers: number \(outcome.site.number), which \(outcome.site.misbehaviour.name) (\(outcome.site.place)): \(outcome.time.milliseconds) ms, status \(outcome.status)"
      )
    }
    print(
      "servers: \(outcomes.count) in \(time.milliseconds / 1000) s; \(statuses.joined(separator: ", ")); the largest, number \(largest?.site.number ?? 0), had \(peak) MB"
    )
    let broken = outcomes.filter { $0.violation != nil }
    for outcome in broken {
      print(
        "servers: seed \(seed), number \(outcome.site.number), which \(outcome.site.misbehaviour.name) (\(outcome.site.place)): \(outcome.violation ?? "")"
      )
    }
    try require(peak <= megabytes, "memory stays below \(megabytes) MB")
    try require(broken.isEmpty, "every analysis ends in time, and reads what can be read")
  }
}

/// A port that is known only after the server that is to say it has begun.
private final class PortOfServer: Sendable {
  private let port = Mutex<UInt16>(0)
  var value: UInt16 {
    get { port.withLock { $0 } }
    set { port.withLock { $0 = newValue } }
  }
}
