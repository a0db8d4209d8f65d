import ArgumentParser
import Contract
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The standard output of the commands. A write that fails is an error, and not a success with half an output.
enum StandardOutput {
  /// Whether stdout was open when the program started. ``openDescriptors()`` finds out.
  static let isOpen = fcntl(1, F_GETFD) != -1

  /// Opens `/dev/null` for each closed standard descriptor. It must run before anything else opens a file.
  static func openDescriptors() {
    _ = isOpen
    Descriptor.openClosedStandardDescriptors()
  }

  /// - Throws: the exit status 74, after a message, if stdout was closed when the program started.
  static func requireOpen() throws(ExitCode) {
    if isOpen { return }
    printFailure("stdout is closed; redirect the output to a file")
    throw ExitStatus.writeFailed
  }

  /// - Throws: the exit status 74, after a message. It prints no message if the reader of a pipe has ended.
  static func write(_ bytes: [UInt8]) throws(ExitCode) {
    try requireOpen()
    if Descriptor.standardOutput.write(bytes) { return }
    let code = errno
    // Programs that a closed pipe ends do not report it, for example with `| head -1`.
    if code == EPIPE { throw ExitStatus.signal(SIGPIPE) }
    printFailure("the output cannot be written: \(OutputFile.reason(code))")
    throw ExitStatus.writeFailed
  }

  static func printLine(_ text: String) throws(ExitCode) { try write(Array("\(text)\n".utf8)) }

  /// Writes, and ends the process if that fails, because all further work would be for nothing.
  static func writeOrExit(_ bytes: [UInt8]) {
    do {
      try write(bytes)
    } catch {
      exit(error.rawValue)
    }
  }
}

/// A file that a command writes.
struct OutputFile {
  let path: String

  /// Checks that the file can be created or replaced, before the work for its contents begins.
  ///
  /// - Throws: the exit status 73, after a message.
  func check(overwrite: Bool) throws(ExitCode) {
    guard let problem = problem(overwrite: overwrite) else { return }
    printFailure(problem)
    throw ExitStatus.cannotCreate
  }

  private func problem(overwrite: Bool) -> String? {
    switch type {
    case S_IFDIR:
      return "\(path) is a folder; give the name of a file, such as \(path)\(path.hasSuffix("/") ? "" : "/")llms.txt"
    case S_IFREG:
      if !overwrite { return "\(path) exists; add --overwrite to replace it" }
      if unsafe access(path, W_OK) != 0 { return "\(path) cannot be replaced: \(Self.reason(errno))" }
    case nil:
      let code = errno
      if path.hasSuffix("/") { return "\(path) is not the name of a file" }
      if code != ENOENT { return "\(path) cannot be created: \(Self.reason(code))" }
    default:
      // A device or a pipe.
      return unsafe access(path, W_OK) == 0 ? nil : "\(path) cannot be written: \(Self.reason(errno))"
    }
    if unsafe access(folder, F_OK) != 0 {
      return "the folder \(folder) does not exist; create it first: mkdir -p \(folder)"
    }
    // Only an attempt shows whether a file can be created, for example in a file system that is read-only.
    let file = unsafe open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if file < 0 { return "no file can be created in the folder \(folder): \(Self.reason(errno)); choose another one" }
    close(file)
    unsafe unlink(temporaryPath)
    return nil
  }

  /// Writes the file. An existing file is replaced only when all bytes are on disk.
  ///
  /// - Throws: the exit status 74, after a message.
  func write(_ bytes: [UInt8]) throws(ExitCode) {
    guard let code = errorCode(writing: bytes) else { return }
    printFailure("\(path) cannot be written: \(Self.reason(code))")
    throw ExitStatus.writeFailed
  }

  /// - Returns: the `errno` of the call that failed; nil if the file was written.
  private func errorCode(writing bytes: [UInt8]) -> Int32? {
    let isReplaced = type == S_IFREG || type == nil
    let written = isReplaced ? temporaryPath : path
    let flags = isReplaced ? O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC : O_WRONLY | O_CLOEXEC
    let file = unsafe open(written, flags, mode)
    guard file >= 0 else { return errno }
    var code: Int32?
    if !Self.write(bytes, to: file) { code = errno }
    if close(file) != 0, code == nil { code = errno }
    guard isReplaced else { return code }
    if code == nil, unsafe rename(written, target) != 0 { code = errno }
    if code != nil { unsafe unlink(written) }
    return code
  }

  private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
    unsafe bytes.withUnsafeBytes { buffer in
      var offset = 0
      while offset < buffer.count {
        #if canImport(Glibc)
          let count = unsafe Glibc.write(file, buffer.baseAddress! + offset, buffer.count - offset)
        #else
          let count = unsafe Musl.write(file, buffer.baseAddress! + offset, buffer.count - offset)
        #endif
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        offset += count
      }
      return fsync(file) == 0 || errno == EINVAL || errno == EROFS
    }
  }

  private var folder: String { Self.folder(of: path) }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The file that is renamed when it is complete; in the same folder, because it must be in the same file system.
  private var temporaryPath: String { "\(Self.folder(of: target))/.llms-\(getpid()).tmp" }

  /// The file to replace. A symbolic link stays, and its target is replaced.
  private var target: String {
    guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { return path }
    return target.hasPrefix("/") ? target : "\(folder)/\(target)"
  }

  /// The type of the existing file; nil if it does not exist.
  private var type: mode_t? { status.map { $0.st_mode & S_IFMT } }

  /// The permissions of the existing file, or the usual ones.
  private var mode: mode_t { status.map { $0.st_mode & 0o777 } ?? 0o666 }

  private var status: stat? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? status : nil
  }

  /// The system's text for an error code.
  static func reason(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
