import FoundationEssentials
import Invoking
import Postgres

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A private PostgreSQL server, which the runner uses if `DATABASE_URL` is not set.
///
/// It uses the installed PostgreSQL programs. Its cluster is in a folder that only the owner can enter, and it listens
/// only on a unix socket in that folder. The server keeps running after a command has ended, so that the next command
/// starts quickly.
package struct EmbeddedDatabase {
  /// The folder of the cluster, the socket and the log.
  package let folder: String
  /// The folder of `initdb` and `pg_ctl`.
  package let programs: String
  /// The owner of the cluster if the runner is root, because PostgreSQL refuses to run as root.
  private let user: String?

  package struct Problem: Error, CustomStringConvertible {
    package let description: String
  }

  private static let rootFolder = "/var/lib/llm-txt-mastery/postgres"
  private var data: String { folder + "/data" }
  private var log: String { folder + "/log" }

  /// - Throws: ``Problem`` if PostgreSQL is not installed.
  package init(environment: [String: String] = ProcessInfo.processInfo.environment) throws(Problem) {
    guard let programs = Self.installedPrograms(environment) else {
      throw Problem(description: "PostgreSQL is not installed; run `apt-get install postgresql`, or set DATABASE_URL")
    }
    self.programs = programs
    user = geteuid() == 0 ? "postgres" : nil
    if let folder = environment["EMBEDDED_DATABASE_DIR"], !folder.isEmpty {
      self.folder = folder
    } else if user != nil {
      folder = Self.rootFolder
    } else {
      let home = environment["HOME"] ?? "/tmp"
      let base = environment["XDG_DATA_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? home + "/.local/share"
      folder = base + "/llm-txt-mastery/postgres"
    }
    // The path of a unix socket has at most 107 bytes (unix(7)).
    guard folder.utf8.count + "/.s.PGSQL.5432".utf8.count <= 107 else {
      throw Problem(
        description: "the path \(folder) is too long for a unix socket; set EMBEDDED_DATABASE_DIR to a shorter one")
    }
  }

  /// Finds the newest PostgreSQL of the distribution, or else the one in `PATH`.
  static func installedPrograms(_ environment: [String: String]) -> String? {
    let manager = FileManager.default
    let versions = (try? manager.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
    let folders = versions.compactMap(Int.init).sorted(by: >).map { "/usr/lib/postgresql/\($0)/bin" }
    let path = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return (folders + path).first {
      manager.isExecutableFile(atPath: $0 + "/initdb") && manager.isExecutableFile(atPath: $0 + "/pg_ctl")
    }
  }

  /// The value for `DATABASE_URL`.
  package var url: String {
    let host = folder.utf8.map { byte in
      urlSafeBytes.contains(byte)
        ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16, uppercase: true).leftPadded
    }.joined()
    return "postgresql://llmtxt@/postgres?host=\(host)"
  }

  /// Whether the server answers a query. A pid file is not enough, because it may be left over from a crash.
  package var isRunning: Bool {
    (try? Database(url: url).execute("SELECT 1", by: .now.advanced(by: .seconds(2)))) != nil
  }

  /// Creates the cluster if it does not exist, and starts the server if it is not running.
  ///
  /// If several processes call this at the same time, one does the work and the others wait.
  ///
  /// - Returns: whether the server was started by this call.
  package func ensureRunning() throws(Problem) -> Bool {
    try makeFolder()
    let lock = unsafe open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0, flock(lock, LOCK_EX) == 0 else { throw Problem(description: "\(folder)/lock cannot be locked") }
    defer { close(lock) }
    if isRunning { return false }
    if !FileManager.default.fileExists(atPath: data) {
      // Created under another name and then renamed, so that an interrupted `initdb` leaves no incomplete cluster.
      let new = data + ".new"
      _ = try? run("rm", ["-rf", new], isOwn: false)
      try check(
        "initdb",
        [
          "-D", new, "-U", "llmtxt", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
          "--no-instructions",
        ])
      try check(
        "sh",
        ["-c", #"printf '%s\n' "$1" >>"$2""#, "sh", Self.settings(socketFolder: folder), new + "/postgresql.conf"],
        isOwn: false)
      try check("mv", [new, data], isOwn: false)
    }
    try check("pg_ctl", ["start", "-D", data, "-l", log, "-w", "-t", "30", "-s"])
    return true
  }

  /// Stops the server. Its data is kept.
  ///
  /// - Returns: false if the server was not running.
  package func stop() throws(Problem) -> Bool {
    guard isRunning else { return false }
    try check("pg_ctl", ["stop", "-D", data, "-m", "fast", "-w", "-s"])
    return true
  }

  private static func settings(socketFolder: String) -> String {
    """
    # The embedded database of local-runner.
    listen_addresses = ''
    unix_socket_directories = '\(socketFolder.replacing("'", with: "''"))'
    unix_socket_permissions = 0700
    max_connections = 400
    shared_buffers = 64MB
    client_connection_check_interval = 2s
    log_min_messages = warning
    """
  }

  private func makeFolder() throws(Problem) {
    let manager = FileManager.default
    guard !manager.fileExists(atPath: data) else { return }
    do {
      try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Problem(description: "the folder \(folder) cannot be created; set EMBEDDED_DATABASE_DIR to another one")
    }
    unsafe chmod(folder, 0o700)
    guard let user, let entry = unsafe getpwnam(user) else { return }
    unsafe chown(folder, entry.pointee.pw_uid, entry.pointee.pw_gid)
    // The owner must be able to enter the parent folder with any umask.
    if folder == Self.rootFolder { unsafe chmod(String(folder.dropLast("/postgres".count)), 0o755) }
  }

  private func check(_ program: String, _ arguments: [String], isOwn: Bool = true) throws(Problem) {
    let status = try run(program, arguments, isOwn: isOwn)
    guard status == 0 else {
      throw Problem(description: "\(program) failed with status \(status); see \(log) and \(folder)/setup.log")
    }
  }

  /// Runs a program as the cluster's owner. Its output goes to `setup.log`.
  ///
  /// - Parameter isOwn: whether the program is one of PostgreSQL's.
  private func run(_ program: String, _ arguments: [String], isOwn: Bool = true) throws(Problem) -> Int32 {
    let path = isOwn ? programs + "/" + program : program
    let output = unsafe open(folder + "/setup.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    defer { close(output) }
    var child = ChildProcess(path: path, arguments: arguments, environment: Self.environment, standardError: output)
    if let user {
      // runuser is part of util-linux, which every Debian system has.
      child = ChildProcess(
        path: "runuser", arguments: ["-u", user, "--", path] + arguments, environment: Self.environment,
        standardError: output)
    }
    do throws(ChildProcess.SpawnError) {
      return try child.run(input: [], deadline: .now.advanced(by: .seconds(60))).status
    } catch {
      throw Problem(description: error.description)
    }
  }

  private static var environment: [String: String] {
    ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/"]
  }
}

private let urlSafeBytes = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/".utf8)

extension String {
  fileprivate var leftPadded: String { count < 2 ? "0" + self : self }
}
