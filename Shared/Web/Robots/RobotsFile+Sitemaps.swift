extension RobotsFile {
  /// The sitemaps that the file names, without repetitions. Relative references are resolved against the root of the site.
  ///
  /// Many files decorate the URL: quotes, angle brackets, a comma after it, several URLs in a line, or no scheme.
  ///
  /// - Parameter site: a URL of the site that has the robots.txt.
  package func sitemaps(of site: NormalizedURL) -> [NormalizedURL] {
    var seen: Set<NormalizedURL> = []
    return sitemaps.flatMap { Self.references(in: $0, host: site.host) }
      .compactMap { try? NormalizedURL($0, relativeTo: site.root) }
      .filter { seen.insert($0).inserted }
  }

  /// The references in the value of a `Sitemap` line: all absolute URLs, or else the relative references.
  private static func references(in value: String, host: String) -> [String] {
    // Some generators escape slashes as in JSON.
    let value = value.replacing("\\/", with: "/")
    let absolute = absoluteURLs(in: value)
    if !absolute.isEmpty { return absolute }
    var text = value[...]
    while let first = text.first, isDecoration(first) { text.removeFirst() }
    while let last = text.last, isDecoration(last) || ",;.".contains(last) { text.removeLast() }
    let words = text.split { $0.isWhitespace || $0 == "," }
    // A path may contain a space, so only complete paths are separated.
    let references = words.allSatisfy { $0.hasPrefix("/") } ? words : [text]
    return references.filter { !$0.isEmpty }.map { reference in
      let name = reference.prefix { $0 != "/" && $0 != ":" }.lowercased()
      return name == host || name == "www.\(host)" || "www.\(name)" == host ? "//\(reference)" : String(reference)
    }
  }

  /// The URLs with a scheme in a text, without the quotes, brackets and punctuation around them.
  private static func absoluteURLs(in text: String) -> [String] {
    var urls: [String] = []
    var previous: Character?
    var rest = text[...]
    while let first = rest.first {
      let scheme = ["https://", "http://"].first { rest.prefix($0.count).lowercased() == $0 }
      if let scheme, previous.map({ isDecoration($0) || ",;".contains($0) }) ?? true {
        let close = previous.flatMap { brackets[$0] }
        let start = rest.dropFirst(scheme.count)
        let end = start.firstIndex { $0 == close || isSeparator($0) } ?? rest.endIndex
        var url = rest[..<end]
        if let next = url.firstRange(of: ",http") { url = url[..<next.lowerBound] }
        rest = rest[url.endIndex...]
        previous = url.last
        while let last = url.last, ",;.'".contains(last) { url.removeLast() }
        urls.append(String(url))
      } else {
        previous = first
        rest.removeFirst()
      }
    }
    return urls
  }

  /// Characters that a URL cannot contain: spaces, angle brackets, double quotes and invisible characters.
  private static func isSeparator(_ character: Character) -> Bool {
    character.isWhitespace || "<>\"`“”„«»‹›‚\u{feff}\u{200b}\u{200e}\u{2060}".contains(character)
  }

  private static func isDecoration(_ character: Character) -> Bool {
    isSeparator(character) || brackets[character] != nil || ")]}".contains(character)
  }

  /// Characters that open a quotation or a bracket, with those that close it.
  private static let brackets: [Character: Character] = ["'": "'", "(": ")", "[": "]", "{": "}"]
}
