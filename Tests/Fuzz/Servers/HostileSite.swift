/// A small site of which one part, or every part, misbehaves.
struct HostileSite: Sendable {
  enum Place: Sendable, CaseIterable { case everywhere, home, robots, sitemap, page }

  let number: Int
  let misbehaviour: Misbehaviour
  let place: Place
  let seed: UInt64

  private static let goodPages = 12

  /// Every misbehaviour has its turn, at a place that chance chooses.
  init(number: Int, seed: UInt64) {
    var random = Randomness(seed: seed, index: number)
    self.number = number
    self.seed = seed
    misbehaviour = Misbehaviour.all[number % Misbehaviour.all.count]
    place = random.pick(Place.allCases)
  }

  /// Addresses of loopback from 127.1.0.0 on, one each.
  var host: String { "127.1.\(number / 256).\(number % 256)" }

  /// The pages that must be read, whatever becomes of the part that misbehaves; none where that is the home page, or
  /// the
  /// robots.txt that says what may be read.
  var goodPaths: [String] {
    place == .page || place == .sitemap ? ["/"] + (0..<Self.goodPages).map { "/page-\($0)" } : []
  }

  func answer(_ path: String, port: UInt16, forbiddenPort: UInt16) -> Answer {
    let honest = honestAnswer(path)
    guard misbehaves(path) else { return honest }
    // What is answered to a path is the same each time.
    let hash = path.utf8.reduce(14_695_981_039_346_656_037 as UInt64) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    var situation = Misbehaviour.Situation(
      path: path, origin: "http://\(host):\(port)", forbiddenPort: forbiddenPort, honest: honest,
      random: Randomness(seed: seed ^ hash, index: number))
    return misbehaviour.answer(&situation)
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

  private func honestAnswer(_ path: String) -> Answer {
    switch path {
    case "/":
      return .whole(
        page(
          "Home",
          "<a href=/bad>Bad</a>" + (0..<Self.goodPages).map { "<li><a href=/page-\($0)>Page \($0)</a>" }.joined()))
    case "/robots.txt": return .whole("User-agent: *\nDisallow: /secret\nSitemap: /sitemap.xml\n", type: "text/plain")
    case "/sitemap.xml":
      let listed = (0..<Self.goodPages).map { "<url><loc>/page-\($0)</loc></url>" }.joined()
      return .whole(
        "<?xml version=\"1.0\"?><urlset>\(listed)<url><loc>/bad</loc></url></urlset>", type: "application/xml")
    case "/bad": return .whole(page("Bad", ""))
    case let path where path.hasPrefix("/page-"): return .whole(page("Page \(path.dropFirst(6))", ""))
    default: return .whole(Array("<title>Not found</title>".utf8), status: "404 Not Found")
    }
  }

  private func page(_ title: String, _ more: String) -> String {
    "<!DOCTYPE html><html lang=en><title>\(title)</title><main><h1>\(title)</h1><p>\(title) of site \(number) tells at some length, in one long and quiet sentence, what \(title) is about.</p><ul>\(more)</ul></main></html>"
  }
}
