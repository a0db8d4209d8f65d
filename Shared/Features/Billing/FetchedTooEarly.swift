/// A state was fetched from Stripe in the second of the stored state, or before it, so it may be the older one.
struct FetchedTooEarly: Error, CustomStringConvertible {
  var description: String { "an event of the same second is stored; the state will be fetched from Stripe again" }
}
