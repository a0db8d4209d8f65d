import LanguageModel

/// A model of one provider, with its prices.
struct ModelOffer: Sendable {
  let endpoint: ModelEndpoint
  let price: ModelPrice
  /// The credits that one answer costs an account that pays by credits.
  let credits: Int

  /// The model and its price in credits, for the operator.
  var description: String { "\(endpoint.model) (\(credits) credit\(credits == 1 ? "" : "s") an answer)" }
}
