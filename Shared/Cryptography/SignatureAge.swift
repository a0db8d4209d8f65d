package import FoundationEssentials

/// How far from now a signature may have been made; both schemes suggest five minutes.
package enum SignatureAge {
  /// - Parameters:
  ///   - timestamp: seconds since 1970.
  ///   - tolerance: in seconds, into the past and the future alike; exactly as many are within it.
  package static func check(_ timestamp: Int, at now: Date, tolerance: Int) throws(SignatureRejection) {
    let age = now.timeIntervalSince1970 - Double(timestamp)
    // No clock is off by more than this; what is shows as it, for it may fit no integer.
    let seconds = Int(min(abs(age), 1e12))
    if age > Double(tolerance) { throw .tooOld(seconds: seconds) }
    if age < -Double(tolerance) { throw .tooNew(seconds: seconds) }
  }
}
