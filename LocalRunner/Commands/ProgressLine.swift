import Contract
import FoundationEssentials
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One line on a terminal that says how far things are, drawn over itself; nothing where stderr is no terminal.
final class ProgressLine: Sendable {
  let isShown = isatty(2) == 1
  private let start = ContinuousClock.now
  private let log = Mutex<[String]>([])

  /// Since it was made, in tenths.
  var seconds: String {
    let tenths = start.duration(to: .now).milliseconds / 100
    return "\(tenths / 10).\(tenths % 10)"
  }

  func show(_ text: String) {
    guard isShown else { return }
    Descriptor.standardError.write(Array("\r\u{1b}[K\(text) · \(seconds) s".utf8))
  }

  /// A line of a function's log: progress is drawn, anything else kept for whoever must find out what went wrong.
  func take(_ line: String) {
    guard let entry = try? JSON.decode(Entry.self, from: Array(line.utf8)), entry.message == "progress" else {
      log.withLock { $0.append(line) }
      return
    }
    switch entry.stage {
    case "fetched": show("discovered \(entry.discovered ?? "?") · fetched \(entry.count ?? "?")")
    case "judging": show("asking a model about \(entry.count ?? "?") pages")
    default: show("scored \(entry.count ?? "?")")
    }
  }

  /// Says what was kept of the log.
  func sayLog() {
    clear()
    for line in log.withLock({ $0 }) { say(line) }
  }

  func finish(_ text: String) {
    guard isShown else { return }
    clear()
    say(text)
  }

  func clear() { if isShown { Self.clear() } }

  static func clear() { if isatty(2) == 1 { Descriptor.standardError.write(Array("\r\u{1b}[K".utf8)) } }

  private struct Entry: Decodable {
    let message: String
    let stage: String?
    let count: String?
    let discovered: String?
  }
}
