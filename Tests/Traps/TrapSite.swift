import Fetch
import Support
import Synchronization

/// The site of traps that site.txt describes, with a fetcher that returns its pages at `https://site.example`.
///
/// The program `serve` serves the same site over HTTP.
final class TrapSite: Sendable {
  static let traps: [Trap] = Trap.parse((try? Products.text(of: "Tests/Traps/site.txt")) ?? "")
  static let origin = StubSite.origin
  private static let twin = "http://site.example"

  private let requested = Mutex<[String]>([])

  /// The requested paths, spelled as in site.txt.
  var requests: [String] { requested.withLock { $0 } }

  var fetcher: Fetcher {
    Fetcher { [self] (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      let target = String(request.url.dropFirst(Self.origin.count)).replacing("caf%C3%A9", with: "café")
      requested.withLock { $0.append(request.url.hasPrefix(Self.origin) ? target : request.url) }
      guard request.url.hasPrefix(Self.origin + "/") else {
        throw FetchError(.unresolvedHost, "the trap site has only one host")
      }
      var response = Self.response(to: target)
      if response.body.count > request.limits.bytes {
        response.body = Array(response.body.prefix(request.limits.bytes))
        response.isTruncated = true
      }
      return response
    }
  }

  private static func response(to target: String) -> FetchResponse {
    let (trap, rest) = find(target)
    let text = expanded(page(trap), target, rest)
    var headers = ["content-type": trap.body == nil ? "text/html; charset=utf-8" : "text/html"]
    for line in trap.headers {
      let halves = line.split(separator: ":", maxSplits: 1)
      headers[halves[0].lowercased()] = halves.count < 2 ? nil : expanded(halves[1].drop { $0 == " " }, target, rest)
    }
    var body: [UInt8]
    switch trap["charset"] {
    case "utf-16":
      body = [0xff, 0xfe] + text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    case "iso-8859-1": body = text.unicodeScalars.map { UInt8($0.value) }
    default: body = Array(text.utf8)
    }
    if trap["packed"] == "gzip" { body = gzipMember(body) }
    return FetchResponse(
      status: trap["status"].flatMap { Int($0) } ?? 200, headers: headers, body: body, bytesReceived: body.count)
  }

  /// Returns the entry for a target, and the text that matches its `*`.
  private static func find(_ target: String) -> (Trap, rest: String) {
    let path = String(target.prefix { $0 != "?" })
    if let exact = traps.first(where: { $0.path == target }) ?? traps.first(where: { $0.path == path }) {
      return (exact, "")
    }
    let prefixes = traps.filter { $0.path.hasSuffix("*") && path.hasPrefix($0.path.dropLast()) }
    let best = prefixes.max { $0.path.utf8.count < $1.path.utf8.count }!
    return (best, String(path.dropFirst(best.path.count - 1)))
  }

  /// Replaces the placeholders that site.txt documents.
  private static func expanded(_ text: some StringProtocol, _ target: String, _ rest: String) -> String {
    var text = String(text).replacing("{origin}", with: origin).replacing("{twin}", with: twin).replacing(
      "{path}", with: target)
    text = text.replacing("{rest}", with: rest).replacing("{next}", with: Int(rest).map { String($0 + 1) } ?? "1")
    while let start = text.firstRange(of: "{repeat "), let bar = text[start.upperBound...].firstIndex(of: "|"),
      let count = Int(text[start.upperBound..<bar]), let end = closing(text[text.index(after: bar)...])
    {
      let piece = text[text.index(after: bar)..<end].split(separator: "{i}", omittingEmptySubsequences: false)
      let pieces = (0..<count).map { piece.joined(separator: String($0)) }.joined()
      text.replaceSubrange(start.lowerBound...end, with: pieces)
    }
    while let start = text.firstRange(of: "\\u{"), let end = text[start.upperBound...].firstIndex(of: "}"),
      let scalar = UInt32(text[start.upperBound..<end], radix: 16).flatMap(Unicode.Scalar.init)
    {
      text.unicodeScalars.replaceSubrange(start.lowerBound...end, with: [scalar])
    }
    return text
  }

  /// The index of the brace that closes a repetition; the repeated text may contain `{i}`.
  private static func closing(_ text: Substring) -> String.Index? {
    var depth = 0
    for index in text.indices {
      if text[index] == "{" { depth += 1 }
      if text[index] == "}" {
        if depth == 0 { return index }
        depth -= 1
      }
    }
    return nil
  }

  /// The list items of the links in one place.
  private static func items(_ place: String) -> String {
    traps.filter { $0.places.contains(Substring(place)) }
      .map { "<li><a href=\"\($0["href"] ?? $0.path)\">\($0["label"] ?? $0["h1"] ?? $0.path)</a></li>" }.joined()
  }

  private static func page(_ trap: Trap) -> String {
    if let body = trap.body { return body }
    let name = trap["h1"] ?? ""
    let own = [
      """
      \(name) is described here for people who read tide tables every day and want to know what each figure means \
      before they set out.
      """,
      """
      The gauges report every six minutes, the forecasts are renewed four times a day, and whatever this page says \
      about \(name) holds for all stations on the coast, the estuary and the islands beyond the outer banks alike.
      """,
    ]
    let language = trap["lang"] ?? "en"
    let listed = items(trap.path)
    let attribute = language == "-" ? "" : " lang=\"\(language)\""
    let title = trap["titled"] ?? name + " | Tidewater"
    let texts = (trap.texts.isEmpty ? own : trap.texts).map { "<p>\($0)</p>" }.joined()
    return """
      <!DOCTYPE html><html\(attribute)><head><title>\(title)</title>\
      \(trap.heads.joined())</head><body><nav><ul>\(items("navigation"))</ul></nav><main><h1>\(name)</h1>\
      \(texts)\(listed.isEmpty ? "" : "<ul>\(listed)</ul>")</main>\
      <footer><ul>\(items("footer"))</ul></footer></body></html>
      """
  }

  /// Returns a gzip member (RFC 1952) with uncompressed data.
  private static func gzipMember(_ data: [UInt8]) -> [UInt8] {
    func bytes(_ value: UInt32, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
    }
    var crc: UInt32 = 0xffff_ffff
    for byte in data {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
    let length = UInt32(data.count)
    return [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1] + bytes(length, 2) + bytes(~length, 2) + data + bytes(~crc, 4)
      + bytes(length, 4)
  }
}
