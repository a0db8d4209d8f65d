import CCurl
import Fetch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Runs libcurl's multi handle on one thread.
///
/// Callers enqueue transfers from any thread and wait for the result in a continuation.
@safe
final class CurlLoop: Sendable {
  /// The transfers that were enqueued or cancelled since the thread last looked.
  private struct Inbox: ~Copyable {
    var arrivals: [Transfer] = []
    var cancelled: [Transfer] = []
    var isRunning = false
  }

  let addressGuard: AddressGuard
  let userAgent: String
  let certificateAuthorities: String?
  private let inbox = Mutex(Inbox())
  /// Only the loop's thread uses it, except for `curl_multi_wakeup`, which any thread may call.
  private nonisolated(unsafe) let multi: OpaquePointer

  init(addressGuard: AddressGuard, userAgent: String, certificateAuthorities: String?) {
    _ = Self.globalInitialization
    self.addressGuard = addressGuard
    self.userAgent = userAgent
    self.certificateAuthorities = certificateAuthorities
    unsafe multi = unsafe OpaquePointer(curl_multi_init()!)
    unsafe ccurl_multi_set_long(UnsafeMutableRawPointer(multi), CURLMOPT_MAXCONNECTS, 64)
  }

  private static let globalInitialization: Void = { _ = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }()

  /// Sends a request and waits for its response.
  func fetch(_ request: FetchRequest) async throws(FetchError) -> FetchResponse {
    let transfer = Transfer(request)
    let outcome = await outcome(of: transfer)
    // A server that sends extra bytes after a response corrupts the next response on the same connection, so retry
    // once on a new connection.
    guard case .failure = outcome, transfer.failedOnReusedConnection, request.method == "GET" else {
      return try outcome.get()
    }
    return try await self.outcome(of: Transfer(request, usesNewConnection: true)).get()
  }

  private func outcome(of transfer: Transfer) async -> Transfer.Outcome {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        transfer.continuation.withLock { $0 = continuation }
        enqueue { $0.arrivals.append(transfer) }
      }
    } onCancel: {
      enqueue { $0.cancelled.append(transfer) }
    }
  }

  private func enqueue(_ change: (inout Inbox) -> Void) {
    let mustStart = inbox.withLock { inbox in
      change(&inbox)
      defer { inbox.isRunning = true }
      return !inbox.isRunning
    }
    if mustStart { startThread() } else { unsafe curl_multi_wakeup(UnsafeMutableRawPointer(multi)) }
  }

  private func startThread() {
    var thread = pthread_t()
    // The thread retains the loop, and runs until the process ends.
    let opaque = unsafe Unmanaged.passRetained(self).toOpaque()
    let status = unsafe pthread_create(
      &thread, nil,
      { opaque in
        unsafe Unmanaged<CurlLoop>.fromOpaque(opaque!).takeRetainedValue().run()
        return nil
      }, opaque)
    precondition(status == 0, "cannot create a thread for the fetcher")
    pthread_detach(thread)
  }

  /// The thread's loop: adds new transfers, removes cancelled ones, completes finished ones.
  private func run() {
    let multi = unsafe UnsafeMutableRawPointer(multi)
    var running: [UnsafeMutableRawPointer: Transfer] = unsafe [:]
    while true {
      let (arrivals, cancelled) = inbox.withLock { inbox in
        defer {
          inbox.arrivals = []
          inbox.cancelled = []
        }
        return (inbox.arrivals, inbox.cancelled)
      }
      for transfer in arrivals {
        // If the task was cancelled before its transfer was enqueued, the cancellation is processed first.
        guard !transfer.isFinished else {
          transfer.finish(.failure(FetchError(.cancelled, "the fetch was cancelled")))
          continue
        }
        guard let easy = unsafe transfer.prepare(for: self) else {
          transfer.finish(.failure(FetchError(.malformedResponse, "the URL cannot be fetched")))
          continue
        }
        unsafe running[easy] = transfer
        unsafe curl_multi_add_handle(multi, easy)
      }
      for transfer in cancelled {
        if let easy = unsafe transfer.easy, unsafe running.removeValue(forKey: easy) != nil {
          unsafe curl_multi_remove_handle(multi, easy)
        }
        transfer.finish(.failure(FetchError(.cancelled, "the fetch was cancelled")))
      }
      var active: Int32 = 0
      unsafe curl_multi_perform(multi, &active)
      var waiting: Int32 = 0
      while let message = unsafe curl_multi_info_read(multi, &waiting) {
        guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle else {
          continue
        }
        let code = unsafe message.pointee.data.result
        unsafe curl_multi_remove_handle(multi, easy)
        unsafe running.removeValue(forKey: easy)?.complete(code)
      }
      unsafe curl_multi_poll(multi, nil, 0, 60_000, nil)
    }
  }
}
