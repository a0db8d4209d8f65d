import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Host names whose addresses a test can change, as an attacker's DNS server could.
///
/// This program's `getaddrinfo` replaces the C library's, also for libcurl.
enum ChangingNames {
  static let domain = "changing.test"
  /// The numeric addresses of each name, in the order of connection attempts.
  static let answers = Mutex<[String: [String]]>([:])

  fileprivate typealias Lookup =
    @convention(c) (
      UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<addrinfo>?,
      UnsafeMutablePointer<UnsafeMutablePointer<addrinfo>?>?
    ) -> Int32

  /// The C library's `getaddrinfo`, found with RTLD_NEXT.
  fileprivate static let lookup: Lookup? = unsafe unsafeBitCast(
    dlsym(UnsafeMutableRawPointer(bitPattern: -1), "getaddrinfo"), to: Lookup?.self)
}

@_cdecl("getaddrinfo")
func lookUpChangingName(
  _ name: UnsafePointer<CChar>?, _ service: UnsafePointer<CChar>?, _ hints: UnsafePointer<addrinfo>?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<addrinfo>?>?
) -> Int32 {
  guard let lookup = unsafe ChangingNames.lookup else { return Int32(EAI_SYSTEM) }
  let text = unsafe name.map { unsafe String(cString: $0) } ?? ""
  guard text.hasSuffix(ChangingNames.domain) else { return unsafe lookup(name, service, hints, result) }
  var first: UnsafeMutablePointer<addrinfo>?
  // Build the linked list from its end.
  for answer in (ChangingNames.answers.withLock { $0[text] } ?? []).reversed() {
    var found: UnsafeMutablePointer<addrinfo>?
    var numeric = unsafe hints.map { unsafe $0.pointee } ?? addrinfo()
    unsafe numeric.ai_family = AF_UNSPEC
    unsafe numeric.ai_socktype = Int32(SOCK_STREAM.rawValue)
    guard unsafe lookup(answer, service, &numeric, &found) == 0, let head = unsafe found else { continue }
    unsafe head.pointee.ai_next = unsafe first
    unsafe first = unsafe head
  }
  guard let first = unsafe first else { return EAI_NONAME }
  unsafe result?.pointee = unsafe first
  return 0
}
