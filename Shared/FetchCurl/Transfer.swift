import CCurl
import Fetch
import Synchronization

/// One request and its response while libcurl processes it.
///
/// After it is enqueued, only the loop's thread accesses it, except for the continuation.
@safe
final class Transfer: @unchecked Sendable {
  typealias Outcome = Swift.Result<FetchResponse, FetchError>

  let continuation = Mutex<CheckedContinuation<Outcome, Never>?>(nil)
  private let request: FetchRequest
  private(set) var easy: UnsafeMutableRawPointer?
  private var response = FetchResponse(status: 0)
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var addressGuard = AddressGuard(allowing: [])
  private var triedForbiddenAddress = false
  private(set) var isFinished = false
  /// Bytes passed to ``FetchRequest/onBody``.
  private var deliveredBytes = 0
  /// Whether the server sent an invalid response on a reused connection. Valid once the transfer is finished.
  private(set) var failedOnReusedConnection = false
  private let usesNewConnection: Bool

  /// - Parameter usesNewConnection: whether to open a new connection instead of reusing one.
  init(_ request: FetchRequest, usesNewConnection: Bool = false) {
    self.request = request
    self.usesNewConnection = usesNewConnection
  }

  deinit {
    unsafe curl_easy_cleanup(easy)
    unsafe curl_slist_free_all(headerList)
  }

  /// Creates and configures the easy handle.
  ///
  /// - Returns: nil if the transfer is already cancelled, or libcurl cannot create a handle.
  func prepare(for loop: CurlLoop) -> UnsafeMutableRawPointer? {
    guard !isFinished, let easy = unsafe curl_easy_init() else { return nil }
    unsafe self.easy = unsafe easy
    addressGuard = loop.addressGuard
    unsafe ccurl_set_string(easy, CURLOPT_URL, request.url)
    unsafe ccurl_set_string(easy, CURLOPT_USERAGENT, loop.userAgent)
    if let file = loop.certificateAuthorities { unsafe ccurl_set_string(easy, CURLOPT_CAINFO, file) }
    unsafe ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    unsafe ccurl_set_string(easy, CURLOPT_ACCEPT_ENCODING, "")
    unsafe ccurl_set_string(easy, CURLOPT_PROXY, "")
    unsafe ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    unsafe ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
    unsafe ccurl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    // Over TLS a request waits for a pending handshake, because the server may choose HTTP/2 and share its connection.
    // Plain HTTP is never multiplexed here, so there such requests would run one after another.
    unsafe ccurl_set_long(easy, CURLOPT_PIPEWAIT, request.url.lowercased().hasPrefix("https:") ? 1 : 0)
    unsafe ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, usesNewConnection ? 1 : 0)
    unsafe ccurl_set_long(easy, CURLOPT_TCP_NODELAY, 1)
    unsafe ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, Int(milliseconds(request.limits.duration)))
    unsafe ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, Int(milliseconds(request.limits.connectDuration)))
    if request.kind == .crawl {
      // Abort a crawl if the server sends less than 100 bytes per second for 8 seconds. A configured service, such as a
      // language model, may take longer before it responds.
      unsafe ccurl_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, 100)
      unsafe ccurl_set_long(easy, CURLOPT_LOW_SPEED_TIME, 8)
    }
    if request.method == "HEAD" {
      unsafe ccurl_set_long(easy, CURLOPT_NOBODY, 1)
    } else if request.method != "GET" {
      unsafe ccurl_set_long(easy, CURLOPT_POSTFIELDSIZE, request.body.count)
      _ = unsafe request.body.withUnsafeBufferPointer {
        unsafe ccurl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: $0.baseAddress))
      }
      unsafe ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, request.method)
    }
    for (name, value) in request.headers {
      unsafe headerList = unsafe curl_slist_append(headerList, "\(name): \(value)")
    }
    if unsafe headerList != nil { unsafe ccurl_set_pointer(easy, CURLOPT_HTTPHEADER, headerList) }
    let opaque = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe ccurl_set_data_callback(easy, CURLOPT_WRITEFUNCTION, Self.receiveBody)
    unsafe ccurl_set_pointer(easy, CURLOPT_WRITEDATA, opaque)
    unsafe ccurl_set_data_callback(easy, CURLOPT_HEADERFUNCTION, Self.receiveHeader)
    unsafe ccurl_set_pointer(easy, CURLOPT_HEADERDATA, opaque)
    if request.kind == .crawl {
      unsafe ccurl_set_long(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
      unsafe ccurl_set_socket_callback(easy, Self.openSocket)
      unsafe ccurl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, opaque)
    }
    return unsafe easy
  }

  /// Collects the response after libcurl has finished, and resumes the caller.
  func complete(_ code: CURLcode) {
    var status = 0
    unsafe ccurl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
    response.status = status
    var received: curl_off_t = 0
    unsafe ccurl_get_large(easy, CURLINFO_SIZE_DOWNLOAD_T, &received)
    response.bytesReceived = Int(received)
    var connects = 0
    unsafe ccurl_get_long(easy, CURLINFO_NUM_CONNECTS, &connects)
    failedOnReusedConnection =
      connects == 0 && status == 0 && (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY)
    // We abort a transfer at its size limit on purpose, so a truncated response is a success.
    let hasResponse = status > 0 && (code == CURLE_OK || response.isTruncated)
    finish(hasResponse ? .success(response) : .failure(error(code)))
  }

  /// Resumes the caller with this outcome; later calls have no effect.
  func finish(_ outcome: Outcome) {
    isFinished = true
    continuation.withLock { continuation in
      continuation?.resume(returning: outcome)
      continuation = nil
    }
  }

  private func error(_ code: CURLcode) -> FetchError {
    let text = unsafe String(cString: curl_easy_strerror(code))
    if triedForbiddenAddress {
      return FetchError(.forbiddenAddress, "its address is private or its port is not 80 or 443")
    }
    return switch code {
    case CURLE_COULDNT_RESOLVE_HOST: FetchError(.unresolvedHost, text)
    case CURLE_COULDNT_CONNECT, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING:
      FetchError(.connectionFailed, text)
    case CURLE_OPERATION_TIMEDOUT: FetchError(.timedOut, text)
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE: FetchError(.tls, text)
    default: FetchError(.malformedResponse, text)
    }
  }

  private func milliseconds(_ duration: Duration) -> Int64 {
    max(1, duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000)
  }

  private static func transfer(_ opaque: UnsafeMutableRawPointer?) -> Transfer {
    unsafe Unmanaged<Transfer>.fromOpaque(opaque!).takeUnretainedValue()
  }

  private var hasSucceeded: Bool {
    var status = 0
    unsafe ccurl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
    return (200..<300).contains(status)
  }

  private static let receiveBody: curl_write_callback = { data, size, count, opaque in
    let transfer = unsafe Transfer.transfer(opaque)
    let length = size * count
    let remaining = transfer.request.limits.bytes - transfer.response.body.count - transfer.deliveredBytes
    let bytes = unsafe UnsafeRawBufferPointer(start: data, count: min(remaining, length))
    var wantsMore = true
    if let onBody = transfer.request.onBody, transfer.hasSucceeded {
      transfer.deliveredBytes += bytes.count
      wantsMore = onBody(unsafe Array(bytes))
    } else {
      unsafe transfer.response.body.append(contentsOf: bytes)
    }
    if length > remaining || !wantsMore {
      transfer.response.isTruncated = true
      return 0
    }
    return length
  }

  /// The maximum number of distinct headers stored per response; libcurl limits their total size.
  private static let maximumHeaders = 200
  /// The maximum size in bytes of joined headers with one name; further ones are dropped. Joining tens of thousands
  /// would take quadratic time.
  private static let maximumJoinedBytes = 16_384

  /// Returns the text that joins headers with this name. `X-Robots-Tag` has commas of its own, so its values stay on
  /// separate lines.
  private static func separator(for name: String) -> String { name == "x-robots-tag" ? "\n" : ", " }

  private static let receiveHeader: curl_write_callback = { data, size, count, opaque in
    let transfer = unsafe Transfer.transfer(opaque)
    let length = size * count
    let line = unsafe String(decoding: UnsafeRawBufferPointer(start: data, count: length), as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      // A new status line: drop the headers of an informational (1xx) response (RFC 9110, section 15.2).
      transfer.response.headers = [:]
    } else if let colon = line.firstIndex(of: ":"), transfer.response.headers.count < maximumHeaders {
      let name = line[..<colon].lowercased()
      let value = String(
        line[line.index(after: colon)...].drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
      if let earlier = transfer.response.headers[name]?.utf8.count {
        if earlier + value.utf8.count <= maximumJoinedBytes {
          transfer.response.headers[name]?.append(Transfer.separator(for: name) + value)
        }
      } else {
        transfer.response.headers[name] = value
      }
    }
    return length
  }

  private static let openSocket: curl_opensocket_callback = { opaque, purpose, address in
    let transfer = unsafe Transfer.transfer(opaque)
    guard let address = unsafe address, let (ip, port) = unsafe Transfer.address(of: &address.pointee.addr),
      transfer.addressGuard.allows(ip, port: port)
    else {
      transfer.triedForbiddenAddress = true
      return ccurl_socket_bad()
    }
    return unsafe socket(
      address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
  }

  private static func address(of pointer: UnsafeMutablePointer<sockaddr>) -> (IPAddress, UInt16)? {
    let raw = UnsafeRawPointer(pointer)
    switch unsafe Int32(pointer.pointee.sa_family) {
    case AF_INET:
      let address = unsafe raw.loadUnaligned(as: sockaddr_in.self)
      return (
        IPAddress(bytes: unsafe withUnsafeBytes(of: address.sin_addr) { unsafe Array($0) }),
        UInt16(bigEndian: address.sin_port)
      )
    case AF_INET6:
      let address = unsafe raw.loadUnaligned(as: sockaddr_in6.self)
      return (
        IPAddress(bytes: unsafe withUnsafeBytes(of: address.sin6_addr) { unsafe Array($0) }),
        UInt16(bigEndian: address.sin6_port)
      )
    default: return nil
    }
  }
}
