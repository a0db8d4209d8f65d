/// The result of a webhook event, as the column `webhook_events.outcome` stores it.
enum EventOutcome: String, Sendable {
  case applied
  /// The event was applied before, or contains no new state.
  case duplicate
  /// Events of this type change nothing here.
  case ignored
  /// A live-mode event received with a test key, or the reverse.
  case otherLivemode = "other_livemode"
  /// The session, subscription or customer was not created here.
  case unknown
  /// The session was created here, but its amount, currency or customer differs.
  case mismatch
  /// Stored until the object that it refers to is known.
  case noted
  /// The present state of the object will be fetched from Stripe.
  case queued
  /// The account was erased: the event is recorded and has no other effect.
  case erased

  /// Whether money may have moved although no account's audit log has an entry about it.
  var needsDeliveryAudit: Bool {
    switch self {
    case .unknown, .mismatch, .otherLivemode, .noted: true
    case .applied, .duplicate, .ignored, .queued, .erased: false
    }
  }
}
