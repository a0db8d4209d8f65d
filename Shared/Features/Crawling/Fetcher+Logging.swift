package import Contract
package import Fetch

extension Fetcher {
  /// A fetcher that logs the URL, status and duration of each request of a crawl at the level `debug`.
  package func logging(to log: Log) -> Fetcher {
    guard log.writes(.debug) else { return self }
    let fetch = fetch
    return Fetcher { request throws(FetchError) in
      let start = ContinuousClock.now
      func write(_ result: String) {
        guard request.kind == .crawl else { return }
        let milliseconds = start.duration(to: .now).milliseconds
        log(
          .debug, "fetched",
          ["url": request.url, "method": request.method, "status": result, "milliseconds": String(milliseconds)])
      }
      do throws(FetchError) {
        let response = try await fetch(request)
        write(String(response.status))
        return response
      } catch {
        write(error.code.rawValue)
        throw error
      }
    }
  }
}
