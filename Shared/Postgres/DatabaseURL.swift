import CPostgres

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The address of the database: a connection string of libpq, either a URI or `key=value` pairs.
///
/// Connections to other machines must use TLS: `sslmode` defaults to `require`, and a URL with a weaker mode is
/// rejected. Unix sockets and loopback addresses are exempt.
package struct DatabaseURL: Sendable, CustomStringConvertible, CustomReflectable {
  /// All keywords and values for libpq, including the password.
  let options: [(keyword: String, value: String)]

  /// - Throws: ``DatabaseError/Code/configuration``; the message never quotes the URL, because it can contain a
  ///   password.
  package init(_ text: String) throws(DatabaseError) {
    var options: [String: String] = [:]
    var message: UnsafeMutablePointer<CChar>?
    guard let parsed = unsafe PQconninfoParse(text, &message) else {
      unsafe PQfreemem(message)
      throw DatabaseError(
        .configuration, "DATABASE_URL is not a valid connection string; write postgresql://user@host:5432/database")
    }
    unsafe DatabaseURL.collect(parsed, into: &options)
    unsafe PQconninfoFree(parsed)
    // A service adds options from a file, which the TLS check does not see.
    guard options["service"] == nil else {
      throw DatabaseError(
        .configuration,
        "DATABASE_URL or PGSERVICE names a service, so its host cannot be checked for TLS; write the host itself"
      )
    }
    if !DatabaseURL.isLocal(options) {
      switch options["sslmode"] {
      case nil: options["sslmode"] = "require"
      case "require", "verify-ca", "verify-full": break
      default:
        throw DatabaseError(
          .configuration,
          "DATABASE_URL names a database on another machine without TLS; set sslmode=require or sslmode=verify-full")
      }
    }
    if options["gssencmode"] == nil || options["gssencmode"] == "prefer" { options["gssencmode"] = "disable" }
    if options["application_name"] == nil { options["application_name"] = "llm-txt-mastery" }
    self.options = options.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Collects the options of the URL. An option that the URL omits is taken from its environment variable, such as
  /// PGHOST, as libpq does, so that the TLS check sees the same options.
  private static func collect(_ list: UnsafeMutablePointer<PQconninfoOption>, into options: inout [String: String]) {
    var option = unsafe list
    while let keyword = unsafe option.pointee.keyword {
      let variable = unsafe option.pointee.envvar.flatMap { unsafe getenv($0) }
      // libpq treats an empty value as unset.
      let texts = unsafe [option.pointee.val, variable].compactMap { unsafe $0.map { unsafe String(cString: $0) } }
      if let text = texts.first(where: { !$0.isEmpty }) { unsafe options[String(cString: keyword)] = text }
      unsafe option += 1
    }
  }

  /// Whether every host that libpq would try is a unix socket or a loopback address.
  private static func isLocal(_ options: [String: String]) -> Bool {
    let addresses = (options["hostaddr"] ?? options["host"] ?? "").split(
      separator: ",", omittingEmptySubsequences: false)
    return addresses.allSatisfy { host in
      host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost" || host == "::1"
        || DatabaseURL.isLoopbackIPv4(host)
    }
  }

  private static func isLoopbackIPv4(_ host: Substring) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  package var description: String { "DatabaseURL(redacted)" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
