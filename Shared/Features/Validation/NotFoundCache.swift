import Crawling
import Web

/// Keeps a detector of "not found" pages with status 200 for each site.
actor NotFoundCache {
  private var detectors: [String: SoftNotFound] = [:]

  /// Requests a URL of the site that does not exist, to learn its answer.
  func learn(of url: NormalizedURL, with loader: PageLoader) async {
    detectors[url.origin] = .byName
    detectors[url.origin] = await SoftNotFound.probing(url.root, with: loader)
  }

  /// The detector for the URL's site; one that judges titles only if the site was not probed.
  func detector(for url: NormalizedURL) -> SoftNotFound { detectors[url.origin] ?? .byName }
}
