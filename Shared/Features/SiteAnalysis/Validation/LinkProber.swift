import Contract
import Fetch
import Web

/// Asks many URLs, a bounded number at a time, and one at a time where a robots.txt asks for a pause.
struct LinkProber: Sendable {
  let probe: LinkProbe
  /// Told how many are done, of how many.
  let report: @Sendable (Int, Int) -> Void

  /// - Returns: what became of each, by URL; those that the deadline cut off are `unknown`.
  func probe(_ urls: [NormalizedURL]) async -> [NormalizedURL: LinkProbe.Outcome] {
    let deadline = probe.deadline
    // The rules of each site first, or several requests would ask for the same robots.txt at once.
    var origins: [String: NormalizedURL] = [:]
    var counts: [String: Int] = [:]
    for url in urls {
      if origins[url.origin] == nil { origins[url.origin] = url }
      if Scope.looksLikePage(url) { counts[url.origin, default: 0] += 1 }
    }
    let pages = counts
    let sites = origins.values.sorted { $0.origin < $1.origin }
    await Crew.work(on: sites, by: deadline) { site in
      // Of a site that one link leads to, the name of the page must tell.
      if pages[site.origin] ?? 0 > 1 {
        await probe.learnNotFound(of: site)
      } else {
        _ = await probe.robots.verdict(for: site)
      }
    } done: { _, _ in
    }

    var lanes: [Lane] = []
    var slow: [String: Int] = [:]
    var delays: [String: Duration] = [:]
    for site in sites {
      guard case .rules(let file) = await probe.robots.verdict(for: site),
        let delay = file.crawlDelay(agent: probe.agent), delay > 0
      else { continue }
      delays[site.origin] = .seconds(min(delay, Crawler.maximumCrawlDelay))
    }
    for url in urls {
      guard let delay = delays[url.origin] else {
        lanes.append(Lane(urls: [url], delay: .zero))
        continue
      }
      if let lane = slow[url.origin] {
        lanes[lane].urls.append(url)
        continue
      }
      slow[url.origin] = lanes.count
      lanes.append(Lane(urls: [url], delay: delay))
    }
    var outcomes: [NormalizedURL: LinkProbe.Outcome] = [:]
    await Crew.work(on: lanes, by: deadline) { lane in
      var found: [(NormalizedURL, LinkProbe.Outcome)] = []
      for url in lane.urls where !deadline.isPast {
        if lane.delay > .zero { try? await Task.sleep(for: min(lane.delay, deadline.remaining)) }
        found.append((url, await probe.probe(url)))
      }
      return found
    } done: { found, _ in
      for (url, outcome) in found { outcomes[url] = outcome }
      report(outcomes.count, urls.count)
    }
    for url in urls where outcomes[url] == nil { outcomes[url] = .unknown("deadline") }
    return outcomes
  }

  private struct Lane: Sendable {
    var urls: [NormalizedURL]
    let delay: Duration
  }
}
