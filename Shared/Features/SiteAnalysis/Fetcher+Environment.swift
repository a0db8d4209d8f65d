package import Contract
package import Fetch

extension AddressGuard {
  /// Public addresses, and the networks of `FETCH_ALLOW_NETWORKS`.
  ///
  /// - Throws: `unavailable`, naming the setting, where one of them cannot be read.
  package init(_ environment: Environment) throws(Failure) {
    var networks: [IPNetwork] = []
    for text in environment.list("FETCH_ALLOW_NETWORKS") {
      guard let network = IPNetwork(text) else {
        throw Failure(
          .unavailable,
          "FETCH_ALLOW_NETWORKS holds \(text), which is no network such as 10.0.0.0/8 or 127.0.0.1/32:8080",
          details: ["setting": "FETCH_ALLOW_NETWORKS"])
      }
      networks.append(network)
    }
    self.init(opened: networks)
  }
}
