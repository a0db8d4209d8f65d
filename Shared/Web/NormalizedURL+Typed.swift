extension NormalizedURL {
  /// Reads what a person types: without a scheme, https is meant, or http for this machine.
  package init(typed text: String) throws(Rejection) {
    if text.contains("://") || text.hasPrefix("//") {
      try self.init(text)
      return
    }
    let isLocal = text.hasPrefix("localhost") || text.hasPrefix("127.") || text.hasPrefix("[::1]")
    do throws(Rejection) {
      try self.init((isLocal ? "http://" : "https://") + text)
    } catch {
      throw .notAbsolute
    }
    // A word without a dot is more likely a mistake than a host.
    guard isLocal || host.contains(".") || host.hasPrefix("[") else { throw .notAbsolute }
  }
}
