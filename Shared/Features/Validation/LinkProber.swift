import Contract
import Crawling
import Web

/// Checks many links concurrently; the links to a site that asks for a pause between requests one after another.
struct LinkProber: Sendable {
  let probe: LinkProbe
  /// Called with the numbers of checked and of all links.
  let onProgress: @Sendable (Int, Int) -> Void

  /// - Returns: an outcome for each URL; `deadline` for those that were not checked in time.
  func probe(_ urls: [NormalizedURL]) async -> [NormalizedURL: LinkProbe.Outcome] {
    let deadline = probe.client.deadline
    let sites = await prepareSites(of: urls)
    let queues = await queues(of: urls, sites)
    var outcomes: [NormalizedURL: LinkProbe.Outcome] = [:]
    await queues.forEachConcurrently(atMost: SiteClient.usualConcurrency, by: deadline) { queue in
      var found: [(NormalizedURL, LinkProbe.Outcome)] = []
      for url in queue.urls where !deadline.isPast {
        if queue.pause > .zero { try? await Task.sleep(for: min(queue.pause, deadline.remaining)) }
        found.append((url, await probe.probe(url)))
      }
      return found
    } onResult: { found, _ in
      for (url, outcome) in found { outcomes[url] = outcome }
      onProgress(outcomes.count, urls.count)
    }
    for url in urls where outcomes[url] == nil { outcomes[url] = .unchecked(.deadline) }
    return outcomes
  }

  /// Fetches the robots.txt of each site before the links, so that concurrent checks do not fetch it several times.
  ///
  /// - Returns: a URL of each site.
  private func prepareSites(of urls: [NormalizedURL]) async -> [NormalizedURL] {
    var origins: [String: NormalizedURL] = [:]
    var counts: [String: Int] = [:]
    for url in urls {
      if origins[url.origin] == nil { origins[url.origin] = url }
      if Scope.looksLikePage(url) { counts[url.origin, default: 0] += 1 }
    }
    let pages = counts
    let sites = origins.values.sorted { $0.origin < $1.origin }
    await sites.forEachConcurrently(atMost: SiteClient.usualConcurrency, by: probe.client.deadline) { site in
      // A site with a single linked page is not worth another request.
      if pages[site.origin] ?? 0 > 1 {
        await probe.learnNotFound(of: site)
      } else {
        _ = await probe.client.robotsFile(for: site)
      }
    } onResult: { _, _ in
    }
    return sites
  }

  /// URLs that are checked one after another.
  private struct Queue: Sendable {
    var urls: [NormalizedURL]
    let pause: Duration
  }

  /// Puts the URLs of each site that asks for a pause into one queue, and each other URL into its own.
  private func queues(of urls: [NormalizedURL], _ sites: [NormalizedURL]) async -> [Queue] {
    var pauses: [String: Duration] = [:]
    for site in sites {
      guard let file = await probe.client.robotsFile(for: site) else { continue }
      let pause = file.pause(for: probe.client.agent)
      if pause > .zero { pauses[site.origin] = pause }
    }
    var queues: [Queue] = []
    var indices: [String: Int] = [:]
    for url in urls {
      guard let pause = pauses[url.origin] else {
        queues.append(Queue(urls: [url], pause: .zero))
        continue
      }
      if let index = indices[url.origin] {
        queues[index].urls.append(url)
      } else {
        indices[url.origin] = queues.count
        queues.append(Queue(urls: [url], pause: pause))
      }
    }
    return queues
  }
}
