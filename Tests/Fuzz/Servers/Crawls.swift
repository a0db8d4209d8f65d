import Contract
import FoundationEssentials
import Support
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Runs the program `analyze` on hostile sites, and checks that every analysis ends in time, stays within its memory
/// limit and contains the pages that can be fetched.
struct Crawls {
  let seed: UInt64
  /// The path of `analyze`.
  let program: String
  /// The maximum memory of one process.
  let megabytes: Int
  /// A factor for the time limits, for instrumented builds.
  let patience: Int

  /// The deadline of one analysis.
  private var deadline: Duration { .seconds(8) * patience }
  /// The tolerated time after the deadline, because the machine also runs other programs.
  private var grace: Duration { .seconds(4) * patience }
  /// The number of concurrent analyses.
  private static let width = 4

  private struct Outcome {
    let site: HostileSite
    let time: Duration
    let megabytes: Int
    let status: Int
    /// The property that was violated, or nil.
    let violation: String?
  }

  private struct Report: Decodable {
    struct Page: Decodable { let url: String }
    let pages: [Page]?
  }

  /// Analyses the sites with these numbers.
  func run(_ numbers: Range<Int>) async throws(Violation) {
    let forbidden = try server { _ in nil }
    let seed = seed
    let port = ServerPort()
    let unexpectedHosts = HostList()
    let server = try server { request in
      let parts = request.host.split(separator: ".").compactMap { Int($0) }
      guard let path = request.path, parts.count == 4, parts[0] == 127, parts[1] == 1,
        numbers.contains(parts[2] * 256 + parts[3])
      else {
        unexpectedHosts.add(request.host)
        return nil
      }
      return HostileSite(number: parts[2] * 256 + parts[3], seed: seed).response(
        to: path, port: port.value, forbiddenPort: forbidden.port)
    }
    port.value = server.port
    print("servers: seed \(seed), \(numbers.count) sites, \(Misbehaviour.all.count) kinds of misbehaviour")

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
    let forbiddenHosts = forbidden.requests.map(\.host) + unexpectedHosts.all
    try require(forbiddenHosts.isEmpty, "no forbidden address is contacted, but \(forbiddenHosts.first ?? "") was")
  }

  private func server(_ handler: @escaping ScriptedServer.Handler) throws(Violation) -> ScriptedServer {
    do { return try ScriptedServer(handler: handler) } catch { throw Violation("\(error)") }
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
        site: site, time: time, megabytes: megabytes, status: 0, violation: "it ends without a response: \(end)")
    }
    let pages = (try? JSON.decode(Report.self, from: response.bytes))?.pages ?? []
    let fetched = Set(
      pages.map {
        "/" + $0.url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true).dropFirst(2).joined()
      })
    let missing = site.requiredPaths.filter { !fetched.contains($0) }
    let violation: String? =
      if time > deadline + grace { "it takes \(time)" }
      // The program logs only JSON lines; anything else comes from a parser or a crash.
      else if !outcome.error.split(separator: "\n").allSatisfy({ $0.hasPrefix("{") }) {
        "it prints \(outcome.error.prefix(500))"
      } else if response.status == 500 {
        "it responds with status 500: \(String(decoding: response.bytes, as: UTF8.self))"
      } else if !missing.isEmpty {
        "\(missing) were not fetched: \(String(decoding: response.bytes.prefix(600), as: UTF8.self))"
      } else { nil }
    return Outcome(site: site, time: time, megabytes: megabytes, status: response.status, violation: violation)
  }

  /// Runs one process and measures its peak memory in MB. A process that takes five times its deadline is killed.
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
          // The peak memory that the kernel reports after a child's end includes this program's memory at the fork.
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
      "\($0.value) times status \($0.key)"
    }
    let largest = outcomes.max { $0.megabytes < $1.megabytes }
    let peak = largest?.megabytes ?? 0
    for outcome in outcomes.sorted(by: { $0.time > $1.time }).prefix(3) {
      print(
        "servers: \(outcome.site.summary): \(outcome.time.milliseconds) ms, status \(outcome.status)"
      )
    }
    print(
      "servers: \(outcomes.count) in \(time.milliseconds / 1000) s; \(statuses.joined(separator: ", "));",
      "the largest, site \(largest?.site.number ?? 0), used \(peak) MB"
    )
    let broken = outcomes.filter { $0.violation != nil }
    for outcome in broken {
      print(
        "servers: seed \(seed), \(outcome.site.summary): \(outcome.violation ?? "")"
      )
    }
    try require(peak <= megabytes, "memory stays below \(megabytes) MB")
    try require(broken.isEmpty, "every analysis ends in time and fetches the required pages")
  }
}

/// The server's port, which its handler needs but which is only known after the server has started.
private final class ServerPort: Sendable {
  private let port = Mutex<UInt16>(0)
  var value: UInt16 {
    get { port.withLock { $0 } }
    set { port.withLock { $0 = newValue } }
  }
}

/// The addresses without a site that were contacted.
private final class HostList: Sendable {
  private let hosts = Mutex<[String]>([])
  var all: [String] { hosts.withLock { $0 } }
  func add(_ host: String) { hosts.withLock { $0.append(host) } }
}
