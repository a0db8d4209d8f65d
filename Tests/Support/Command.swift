import FoundationEssentials

#if canImport(Glibc)
  package import Glibc
#elseif canImport(Musl)
  package import Musl
#endif

/// A program that a test starts, with its input and output in temporary files.
///
/// Files are used instead of pipes, because a pipe can fill up, and a grandchild process can keep it open.
package struct Command: Sendable {
  package struct Outcome: Sendable {
    /// The exit status, or the negative number of the signal that ended the process.
    package let status: Int32
    /// The standard output.
    package let bytes: [UInt8]
    /// The standard error output.
    package let error: String
    package var output: String { String(decoding: bytes, as: UTF8.self) }
  }

  /// A failure to start a program, or an unexpected result of it.
  package struct Failed: Error, CustomStringConvertible {
    package let description: String
    package init(description: String) { self.description = description }
  }

  private let path: String
  private let arguments: [String]
  private let environment: [String: String]

  /// - Parameter environment: added to the environment of the tests; an empty value removes a variable.
  package init(_ path: String, _ arguments: [String] = [], environment: [String: String] = [:]) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
  }

  /// Runs the program and waits for its end.
  package func run(input: [UInt8]? = []) async throws -> Outcome { try await start(input: input).wait() }

  /// Runs the program and blocks until its end; for synchronous callers.
  package func runBlocking() throws -> Outcome {
    let started = try start()
    var status: Int32 = 0
    while unsafe waitpid(started.process, &status, 0) < 0, errno == EINTR {}
    return started.outcome(status)
  }

  /// A running program.
  package struct Started: Sendable {
    package let process: pid_t
    fileprivate let prefix: String

    /// Waits for the program's end. It polls instead of blocking, because all tests share a few threads.
    package func wait() async throws -> Outcome {
      var status: Int32 = 0
      while unsafe waitpid(process, &status, WNOHANG) == 0 { try await Task.sleep(for: .milliseconds(3)) }
      return outcome(status)
    }

    fileprivate func outcome(_ status: Int32) -> Outcome {
      let signal = status & 0x7f
      let outcome = Outcome(
        status: signal == 0 ? (status >> 8) & 0xff : -signal, bytes: output,
        error: String(decoding: Self.read(prefix + ".err"), as: UTF8.self))
      for suffix in [".in", ".out", ".err"] { unsafe unlink(prefix + suffix) }
      return outcome
    }

    /// Kills the program and its child processes with SIGKILL.
    package func end() {
      kill(-process, SIGKILL)
      var status: Int32 = 0
      _ = unsafe waitpid(process, &status, 0)
      for suffix in [".in", ".out", ".err"] { unsafe unlink(prefix + suffix) }
    }

    /// The standard output so far.
    package var output: [UInt8] { Self.read(prefix + ".out") }
    /// The standard error output so far.
    package var errorOutput: String { String(decoding: Self.read(prefix + ".err"), as: UTF8.self) }

    private static func read(_ path: String) -> [UInt8] {
      (try? Data(contentsOf: URL(filePath: path))).map(Array.init) ?? []
    }
  }

  /// Starts the program without waiting for its end.
  ///
  /// - Parameters:
  ///   - input: its standard input; nil closes it.
  ///   - output: the path of a file or pipe for its standard output; nil uses a temporary file.
  package func start(input: [UInt8]? = [], output: String? = nil) throws -> Started {
    let prefix = "/tmp/llmtxt-test-\(UUID().uuidString)"
    try Data(input ?? []).write(to: URL(filePath: prefix + ".in"))
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    if input == nil {
      unsafe posix_spawn_file_actions_addclose(&actions, 0)
    } else {
      unsafe posix_spawn_file_actions_addopen(&actions, 0, prefix + ".in", O_RDONLY, 0)
    }
    unsafe posix_spawn_file_actions_addopen(&actions, 1, output ?? prefix + ".out", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, prefix + ".err", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    // A new process group, so that a signal also reaches the program's child processes.
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // The threads of the tests block signals, and a child process would inherit the mask.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    var variables = ProcessInfo.processInfo.environment
    for (name, value) in environment { variables[name] = value.isEmpty ? nil : value }
    let argv = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
    let envp = unsafe variables.map { unsafe strdup("\($0)=\($1)") } + [nil]
    let pointers = unsafe argv + envp
    defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
    var process: pid_t = 0
    let code = unsafe posix_spawnp(&process, path, &actions, &attributes, argv, envp)
    guard code == 0 else { throw Failed(description: "\(path) cannot be started: error \(code)") }
    return Started(process: process, prefix: prefix)
  }
}
