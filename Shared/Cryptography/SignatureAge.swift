package import FoundationEssentials

/// Rejects signatures that are too old or too far in the future. Stripe and Standard Webhooks suggest five minutes.
package enum SignatureAge {
  /// Throws ``SignatureRejection/tooOld(seconds:)`` or ``SignatureRejection/tooNew(seconds:)`` if the timestamp is out
  /// of tolerance.
  ///
  /// - Parameters:
  ///   - timestamp: the time of the signature, in seconds since 1970.
  ///   - tolerance: the maximum difference from `now`, in seconds, inclusive, in the past and the future.
  package static func check(_ timestamp: Int, at now: Date, tolerance: Int) throws(SignatureRejection) {
    let age = now.timeIntervalSince1970 - Double(timestamp)
    // Clamp the reported age, because a sender's timestamp may be too large for an Int.
    let seconds = Int(min(abs(age), 1e12))
    if age > Double(tolerance) { throw .tooOld(seconds: seconds) }
    if age < -Double(tolerance) { throw .tooNew(seconds: seconds) }
  }
}
