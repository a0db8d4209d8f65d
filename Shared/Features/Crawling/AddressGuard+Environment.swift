package import Contract
package import Fetch

extension AddressGuard {
  /// Allows public addresses and the networks in the setting `FETCH_ALLOW_NETWORKS`.
  ///
  /// - Throws: the failure `unavailable`, with the name of the setting, if a network is invalid.
  package init(_ environment: Environment) throws(Failure) {
    var networks: [IPNetwork] = []
    for text in environment.list("FETCH_ALLOW_NETWORKS") {
      guard let network = IPNetwork(text) else {
        throw Failure(
          .unavailable,
          "FETCH_ALLOW_NETWORKS contains \(text), which is not a network; write 10.0.0.0/8 or 127.0.0.1/32:8080",
          details: ["setting": "FETCH_ALLOW_NETWORKS"])
      }
      networks.append(network)
    }
    self.init(allowing: networks)
  }
}
