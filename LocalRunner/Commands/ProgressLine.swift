import Contract
import FoundationEssentials
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One line on the terminal that shows the progress of a command and is overwritten by each update.
///
/// It shows nothing if stderr is not a terminal.
final class ProgressLine: Sendable {
  let isShown = isatty(2) == 1
  private let start = ContinuousClock.now
  private let log = Mutex<[String]>([])

  /// The time since the line was created, in seconds with one decimal.
  var seconds: String {
    let tenths = start.duration(to: .now).milliseconds / 100
    return "\(tenths / 10).\(tenths % 10)"
  }

  func show(_ text: String) {
    guard isShown else { return }
    Descriptor.standardError.write(Array("\r\u{1b}[K\(text) · \(seconds) s".utf8))
  }

  /// Handles one line of a function's log: shows it if it reports progress, and stores it otherwise.
  func take(_ line: String) {
    guard let entry = try? JSON.decode(Entry.self, from: Array(line.utf8)), entry.message == "progress" else {
      log.withLock { $0.append(line) }
      return
    }
    switch entry.stage {
    case "fetched": show("discovered \(entry.discovered ?? "?") · fetched \(entry.count ?? "?")")
    case "judging": show("asking a language model about \(entry.count ?? "?") pages")
    default: show("scored \(entry.count ?? "?")")
    }
  }

  /// Prints the stored lines of the log.
  func printLog() {
    clear()
    for line in log.withLock({ $0 }) { printError(line) }
  }

  func finish(_ text: String) {
    guard isShown else { return }
    clear()
    printError(text)
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
