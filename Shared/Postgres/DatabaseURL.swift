import CPostgres

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Where the database is, in any form that libpq takes: a URI or `key=value` pairs.
///
/// A database that is not on a unix socket or loopback must be reached over TLS: where `sslmode` says nothing, it is
/// `require`; where it says less than that, the URL is refused.
package struct DatabaseURL: Sendable, CustomStringConvertible, CustomReflectable {
  /// libpq's keywords and values, complete; they hold the password.
  let options: [(keyword: String, value: String)]

  /// - Throws: ``DatabaseError/Code/configuration``; the message never quotes the URL, which may hold a password.
  package init(_ text: String) throws(DatabaseError) {
    var options: [String: String] = [:]
    var message: UnsafeMutablePointer<CChar>?
    guard let parsed = unsafe PQconninfoParse(text, &message) else {
      unsafe PQfreemem(message)
      throw DatabaseError(
        .configuration, "DATABASE_URL is not one that libpq can read; write postgresql://user@host:5432/database")
    }
    unsafe DatabaseURL.collect(parsed, into: &options)
    unsafe PQconninfoFree(parsed)
    // A service would bring more, from a file.
    guard options["service"] == nil else {
      throw DatabaseError(
        .configuration, "DATABASE_URL or PGSERVICE names a service, whose host is not known here; write the host itself"
      )
    }
    if !DatabaseURL.isLocal(options) {
      switch options["sslmode"] {
      case nil: options["sslmode"] = "require"
      case "require", "verify-ca", "verify-full": break
      default:
        throw DatabaseError(
          .configuration,
          "DATABASE_URL names a database on another machine without TLS; set sslmode=require, or verify-full")
      }
    }
    if options["gssencmode"] == nil || options["gssencmode"] == "prefer" { options["gssencmode"] = "disable" }
    if options["application_name"] == nil { options["application_name"] = "llm-txt-mastery" }
    self.options = options.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Each option that is given, or which libpq would take from PGHOST and its kin where the URL leaves it open: the
  /// check must see the same.
  private static func collect(_ list: UnsafeMutablePointer<PQconninfoOption>, into options: inout [String: String]) {
    var option = unsafe list
    while let keyword = unsafe option.pointee.keyword {
      let variable = unsafe option.pointee.envvar.flatMap { unsafe getenv($0) }
      // To libpq an empty value is none.
      let texts = unsafe [option.pointee.val, variable].compactMap { unsafe $0.map { unsafe String(cString: $0) } }
      if let text = texts.first(where: { !$0.isEmpty }) { unsafe options[String(cString: keyword)] = text }
      unsafe option += 1
    }
  }

  /// Whether every host that libpq would try is a unix socket or loopback.
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
