import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A program run once: its input written and its output read at the same time, its group ended at the deadline.
///
/// The child is spawned, never forked off a process with threads, and leads a group of its own, so that whatever it
/// started
/// ends with it.
struct ChildProcess {
  struct Outcome: Sendable {
    /// The exit status, or minus the signal that ended it.
    let status: Int32
    let output: [UInt8]
    let metDeadline: Bool
  }

  struct SpawnError: Error, CustomStringConvertible {
    let path: String
    let code: Int32
    var description: String { "\(path) cannot be started: \(unsafe String(cString: strerror(code)))" }
  }

  let path: String
  var arguments: [String] = []
  var environment: [String: String] = [:]
  /// Where its stderr goes; nil for the runner's own.
  var standardError: Int32?
  /// The most that is read of its output, in bytes.
  var outputLimit = 32 << 20

  /// Blocks its thread until the child has ended or `deadline` has passed.
  ///
  /// - Parameter onErrorOutput: told each piece of the child's stderr; it then does not reach the runner's.
  func run(
    input: [UInt8], deadline: ContinuousClock.Instant, onErrorOutput: ((ArraySlice<UInt8>) -> Void)? = nil
  ) throws(SpawnError) -> Outcome {
    signal(SIGPIPE, SIG_IGN)
    let (inputRead, inputWrite) = try pipePair()
    let (outputRead, outputWrite) = try pipePair()
    let errorPipe = onErrorOutput == nil ? nil : try pipePair()
    let group: pid_t
    do throws(SpawnError) {
      group = try RunningGroups.spawn { () throws(SpawnError) in
        try spawn(input: inputRead, output: outputWrite, error: errorPipe?.1 ?? standardError ?? 2)
      }
    } catch {
      for descriptor in [inputRead, inputWrite, outputRead, outputWrite] { close(descriptor) }
      if let errorPipe {
        close(errorPipe.0)
        close(errorPipe.1)
      }
      throw error
    }
    close(inputRead)
    close(outputWrite)
    if let errorPipe { close(errorPipe.1) }
    var pump = Pump(
      input: input, inputWrite: inputWrite, outputRead: outputRead, errorRead: errorPipe?.0, limit: outputLimit)
    let metDeadline = pump.run(child: group, deadline: deadline, onErrorOutput)
    // Ends what the child may have left behind, and the child itself where it outstayed its time.
    kill(-group, SIGKILL)
    var status: Int32 = 0
    if pump.waitStatus == nil {
      while unsafe waitpid(group, &status, 0) < 0, errno == EINTR {}
    } else {
      status = pump.waitStatus!
    }
    RunningGroups.remove(group)
    let signal = status & 0x7f
    return Outcome(status: signal == 0 ? (status >> 8) & 0xff : -signal, output: pump.output, metDeadline: metDeadline)
  }

  private func pipePair() throws(SpawnError) -> (Int32, Int32) {
    // Sockets, because they can be made with close-on-exec at once: between pipe() and fcntl() another thread may
    // spawn, and
    // its child would hold this one's input open.
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
    defer { for unsafe pointer in unsafe arguments + variables { unsafe free(pointer) } }
    var child: pid_t = 0
    let code = unsafe posix_spawnp(&child, path, &actions, &attributes, arguments, variables)
    guard code == 0 else { throw SpawnError(path: path, code: code) }
    return child
  }
}
