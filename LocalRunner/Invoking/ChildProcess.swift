import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Runs a program once: writes its input and reads its output at the same time, and kills its process group at the
/// deadline.
///
/// The child is started with `posix_spawn`, because forking a process with many threads is slow. It leads a process
/// group of its own, so that killing the group also kills the processes that it started.
package struct ChildProcess {
  package struct Outcome: Sendable {
    /// The exit status, or minus the number of the signal that ended the process.
    package let status: Int32
    package let output: [UInt8]
    /// Whether the process was killed because the deadline passed or the output exceeded its limit.
    package let metDeadline: Bool
  }

  package struct SpawnError: Error, CustomStringConvertible {
    let path: String
    let code: Int32
    package var description: String { "\(path) cannot be started: \(unsafe String(cString: strerror(code)))" }
  }

  private let path: String
  private let arguments: [String]
  private let environment: [String: String]
  /// The descriptor that becomes the child's stderr.
  private let standardError: Int32
  /// The largest output in bytes; a process that writes more is killed.
  private let outputLimit = 32 << 20

  package init(
    path: String, arguments: [String] = [], environment: [String: String] = [:], standardError: Int32 = 2
  ) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
    self.standardError = standardError
  }

  /// Blocks the current thread until the child has ended or `deadline` has passed.
  ///
  /// - Parameters:
  ///   - killSwitch: can kill the child earlier, from another thread.
  ///   - onErrorOutput: receives the child's stderr, which then does not go to `standardError`.
  package func run(
    input: [UInt8], deadline: ContinuousClock.Instant, killSwitch: KillSwitch? = nil,
    onErrorOutput: ((ArraySlice<UInt8>) -> Void)? = nil
  ) throws(SpawnError) -> Outcome {
    signal(SIGPIPE, SIG_IGN)
    let (inputRead, inputWrite) = try pipePair()
    let (outputRead, outputWrite) = try pipePair()
    let errorPipe = onErrorOutput == nil ? nil : try pipePair()
    let group: pid_t
    do throws(SpawnError) {
      group = try RunningGroups.spawn { () throws(SpawnError) in
        try spawn(input: inputRead, output: outputWrite, error: errorPipe?.1 ?? standardError)
      }
    } catch {
      for descriptor in [inputRead, inputWrite, outputRead, outputWrite] { close(descriptor) }
      if let errorPipe {
        close(errorPipe.0)
        close(errorPipe.1)
      }
      throw error
    }
    killSwitch?.arm(group)
    close(inputRead)
    close(outputWrite)
    if let errorPipe { close(errorPipe.1) }
    var pump = Pump(
      input: input, inputWrite: inputWrite, outputRead: outputRead, errorRead: errorPipe?.0, limit: outputLimit)
    let metDeadline = pump.run(child: group, deadline: deadline, onErrorOutput)
    // Kills processes that the child left running, and the child itself if the deadline passed.
    kill(-group, SIGKILL)
    var status: Int32 = 0
    if pump.waitStatus == nil {
      while unsafe waitpid(group, &status, 0) < 0, errno == EINTR {}
    } else {
      status = pump.waitStatus!
    }
    killSwitch?.disarm()
    RunningGroups.remove(group)
    let signal = status & 0x7f
    return Outcome(status: signal == 0 ? (status >> 8) & 0xff : -signal, output: pump.output, metDeadline: metDeadline)
  }

  private func pipePair() throws(SpawnError) -> (Int32, Int32) {
    // A socket pair rather than a pipe, because it can be created with close-on-exec in one step. Between `pipe` and
    // `fcntl`, another thread could spawn a child, which would keep this child's input open.
    var pair: [Int32] = [0, 0]
    guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
      throw SpawnError(path: path, code: errno)
    }
    return (pair[0], pair[1])
  }

  private func spawn(input: Int32, output: Int32, error: Int32) throws(SpawnError) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawnattr_init(&attributes)
    defer {
      unsafe posix_spawn_file_actions_destroy(&actions)
      unsafe posix_spawnattr_destroy(&attributes)
    }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, error, 2)
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGPIPE, SIGINT, SIGTERM] { unsafe sigaddset(&signals, signal) }
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    let arguments = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
    let variables = unsafe environment.map { unsafe strdup("\($0)=\($1)") } + [nil]
    defer {
      for index in unsafe arguments.indices { unsafe free(arguments[index]) }
      for index in unsafe variables.indices { unsafe free(variables[index]) }
    }
    var child: pid_t = 0
    let code = unsafe posix_spawnp(&child, path, &actions, &attributes, arguments, variables)
    guard code == 0 else { throw SpawnError(path: path, code: code) }
    return child
  }
}
