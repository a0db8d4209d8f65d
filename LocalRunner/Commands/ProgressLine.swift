import Contract
import FoundationEssentials
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The progress of a command on stderr: the stage and the elapsed time.
///
/// On a terminal it is one line, which is overwritten each second. If the terminal cannot do that (`TERM=dumb`) or should
/// not (`NO_COLOR`), each stage is a line. Without a terminal nothing is shown.
final class ProgressLine: Sendable {
  enum Mode: Sendable {
    /// Shows nothing.
    case none
    /// Overwrites one line.
    case line
    /// Prints a line for each stage, and every ten seconds.
    case plain
    /// Prints a line for each stage, request and skipped page.
    case verbose
  }

  /// The mode for stderr as it is.
  static let usualMode: Mode = {
    guard isatty(2) == 1 else { return .none }
    let environment = Environment.ofProcess()
    return environment["NO_COLOR"] != nil || environment["TERM"] == "dumb" ? .plain : .line
  }()

  let mode: Mode
  private let start = ContinuousClock.now
  private let log = Mutex<[String]>([])
  private let state = Mutex(State())

  private struct State {
    var stage = ""
    var text: String?
    /// The elapsed seconds when the last line was printed.
    var printed = 0
  }

  init(_ mode: Mode) { self.mode = mode }

  /// Shows progress while `body` runs.
  static func run<Value: Sendable>(
    _ mode: Mode, _ body: (ProgressLine) async throws -> Value
  ) async throws -> Value {
    let line = ProgressLine(mode)
    defer { line.clear() }
    // The task is cancelled when this function returns.
    async let _ = line.tick()
    return try await body(line)
  }

  /// Updates the elapsed time each second.
  private func tick() async {
    guard mode == .line || mode == .plain else { return }
    while (try? await Task.sleep(for: .seconds(1))) != nil { redraw() }
  }

  /// The time since the line was created, in seconds with one decimal.
  var seconds: String {
    let tenths = start.duration(to: .now).milliseconds / 100
    return "\(tenths / 10).\(tenths % 10)"
  }

  private var wholeSeconds: Int { Int(start.duration(to: .now).milliseconds / 1000) }

  /// Shows a stage.
  ///
  /// - Parameter stage: identifies the stage if its text changes; by default the text.
  func show(_ text: String, stage: String? = nil) {
    state.withLock { state in
      let isNew = state.stage != stage ?? text
      state.stage = stage ?? text
      state.text = text
      if isNew, mode == .plain || mode == .verbose {
        state.printed = wholeSeconds
        printError("\(seconds) s  \(text)")
      }
      draw(state)
    }
  }

  private func redraw() {
    state.withLock { state in
      if mode == .plain, let text = state.text, wholeSeconds - state.printed >= 10 {
        state.printed = wholeSeconds
        printError("\(seconds) s  \(text)")
      }
      draw(state)
    }
  }

  private func draw(_ state: State) {
    guard mode == .line, let text = state.text else { return }
    Descriptor.standardError.write(Array("\r\u{1b}[K\(text) · \(wholeSeconds) s".utf8))
  }

  /// Shows the result, if progress was shown.
  func finish(_ text: String) {
    clear()
    if mode != .none { printError(text) }
  }

  func clear() {
    state.withLock { state in
      if mode == .line, state.text != nil { Self.clear() }
      state.text = nil
    }
  }

  /// Removes the line of any progress from the terminal.
  static func clear() { if usualMode == .line { Descriptor.standardError.write(Array("\r\u{1b}[K".utf8)) } }
}

extension ProgressLine {
  // MARK: Logs of functions

  /// Handles one line of a function's log: shows it if it reports progress, and stores it otherwise.
  func take(_ line: String) {
    guard let entry = try? JSON.decode(Entry.self, from: Array(line.utf8)) else {
      log.withLock { $0.append(line) }
      return
    }
    switch (entry.message, entry.stage) {
    case ("progress", let stage):
      // The command has already named the host.
      if stage != "connecting" { show(entry.progress, stage: stage) }
    case ("fetched", _):
      if mode == .verbose, let url = entry.url, let status = entry.status {
        printError("\(seconds) s  \(status) \(url) in \(entry.milliseconds ?? "?") ms")
      }
    case ("skipped", _):
      if mode == .verbose, let url = entry.url { printError("\(seconds) s  skipped \(url): \(entry.reason ?? "?")") }
    default:
      log.withLock { $0.append(line) }
      if mode == .verbose { printError(line) }
    }
  }

  /// Prints the stored lines of the log.
  func printLog() {
    clear()
    if mode != .verbose { for line in log.withLock(\.self) { printError(line) } }
  }

  private struct Entry: Decodable {
    let message: String
    let stage: String?
    let count: String?
    let discovered: String?
    let url: String?
    let status: String?
    let milliseconds: String?
    let reason: String?

    /// The stage in words.
    var progress: String {
      let count = count ?? "?"
      return switch stage {
      case "discovering": "looking for a sitemap"
      case "fetched": "fetching pages: \(count) of \(discovered ?? "?")"
      case "versions": "looking for Markdown versions of the pages"
      case "judging": "asking a language model about \(count) pages"
      default: "scoring \(count) pages"
      }
    }
  }
}
