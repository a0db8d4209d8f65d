import Support

/// A small website that gives invalid or hostile responses for one of its parts, or for all of them.
struct HostileSite: Sendable {
  /// The part of the site that misbehaves.
  enum Place: Sendable, CaseIterable { case everywhere, home, robots, sitemap, page }

  let number: Int
  let misbehaviour: Misbehaviour
  let place: Place
  let seed: UInt64

  private static let goodPages = 12

  /// Creates site `number`. The number selects the misbehaviour, so all are used in turn; the place is random.
  init(number: Int, seed: UInt64) {
    var random = Randomness(seed: seed, index: number)
    self.number = number
    self.seed = seed
    misbehaviour = Misbehaviour.all[number % Misbehaviour.all.count]
    place = random.pick(Place.allCases)
  }

  /// The number, misbehaviour and place, for messages.
  var summary: String { "site \(number), which \(misbehaviour.name) (\(place))" }

  /// The site's own loopback address, from 127.1.0.0 on.
  var host: String { "127.1.\(number / 256).\(number % 256)" }

  /// The pages that an analysis must fetch despite the misbehaviour. There are none if the home page or robots.txt
  /// misbehaves, because without them no page can be found.
  var requiredPaths: [String] {
    place == .page || place == .sitemap ? ["/"] + (0..<Self.goodPages).map { "/page-\($0)" } : []
  }

  func response(to path: String, port: UInt16, forbiddenPort: UInt16) -> ScriptedResponse {
    let valid = validResponse(path)
    guard misbehaves(path) else { return valid }
    // The response to a path must be the same every time, so its random numbers depend only on the path.
    let hash = path.utf8.reduce(14_695_981_039_346_656_037 as UInt64) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    var context = Misbehaviour.Context(
      path: path, origin: "http://\(host):\(port)", forbiddenPort: forbiddenPort, validResponse: valid,
      random: Randomness(seed: seed ^ hash, index: number))
    return misbehaviour.respond(&context)
  }

  private func misbehaves(_ path: String) -> Bool {
    switch place {
    case .everywhere: true
    case .home: path != "/robots.txt" && !path.hasPrefix("/sitemap") && !path.hasPrefix("/page-")
    case .robots: path.hasPrefix("/robots.txt")
    case .sitemap: path.hasPrefix("/sitemap")
    case .page: path.hasPrefix("/bad")
    }
  }

  private func validResponse(_ path: String) -> ScriptedResponse {
    switch path {
    case "/":
      return .page(
        page(
          "Home",
          "<a href=/bad>Bad</a>" + (0..<Self.goodPages).map { "<li><a href=/page-\($0)>Page \($0)</a>" }.joined()))
    case "/robots.txt": return .page("User-agent: *\nDisallow: /secret\nSitemap: /sitemap.xml\n", type: "text/plain")
    case "/sitemap.xml":
      let listed = (0..<Self.goodPages).map { "<url><loc>/page-\($0)</loc></url>" }.joined()
      return .page(
        "<?xml version=\"1.0\"?><urlset>\(listed)<url><loc>/bad</loc></url></urlset>", type: "application/xml")
    case "/bad": return .page(page("Bad", ""))
    case let path where path.hasPrefix("/page-"): return .page(page("Page \(path.dropFirst(6))", ""))
    default: return .page(Array("<title>Not found</title>".utf8), status: "404 Not Found")
    }
  }

  private func page(_ title: String, _ more: String) -> String {
    "<!DOCTYPE html><html lang=en><title>\(title)</title><main><h1>\(title)</h1><p>\(title) of site \(number) tells at some length, in one long and quiet sentence, what \(title) is about.</p><ul>\(more)</ul></main></html>"
  }
}
