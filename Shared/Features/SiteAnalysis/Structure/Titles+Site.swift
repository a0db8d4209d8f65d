import Web

extension Titles {
  /// Returns the name of the site: its declared name, else the shared part of its titles, else the home page's title or
  /// heading, else its host. Versions and words such as `Home Page` are removed.
  func siteTitle(_ home: Page) -> String {
    let shared = shared.flatMap { shared in
      [home.title, home.heading].contains { $0?.contains(shared) ?? false } ? Self.siteName(shared) : nil
    }
    let candidates = [
      home.siteName.flatMap(Self.siteName), shared, home.title.flatMap { Self.siteName($0, host: home.url.host) },
      home.heading.flatMap { Self.siteName(Self.clean($0)) },
    ]
    return candidates.lazy.compactMap { $0?.unlessInjection }.first { (2...60).contains($0.count) } ?? home.url.host
  }

  /// Returns the part of a home page's title that names the site: `Acme` in `Acme | The best tools`.
  ///
  /// The name is the part that the host contains, else the part with the fewest words.
  static func siteName(_ title: String, host: String) -> String? {
    var parts = [title]
    while let (head, tail) = SharedTitlePart.splitFirst(parts.last!) {
      parts.replaceSubrange((parts.count - 1)..., with: [head, tail])
    }
    let names = parts.compactMap { siteName(clean($0)) }
    let labels = host.split(separator: ".").map(String.init)
    let name = names.first { part in
      let plain = part.lowercased().filter { $0.isLetter || $0.isNumber }
      return plain.count > 1 && labels.contains { $0.count > 3 && (plain.contains($0) || $0.contains(plain)) }
    }
    let shortest = names.enumerated().min { ($0.element.wordCount, $0.offset) < ($1.element.wordCount, $1.offset) }
    let chosen = name ?? shortest?.element
    return chosen.flatMap { (2...60).contains($0.count) ? $0 : nil }
  }

  /// Removes versions and words such as `Home Page` and `Documentation` from the name of a site: `Lockmaster 2.2.dev0
  /// documentation` becomes `Lockmaster`, and `git(1)` becomes `git`.
  ///
  /// Returns `nil` if nothing remains.
  static func siteName(_ title: String) -> String? {
    var name = withoutVersions(title.folded)
    for _ in 0..<4 {
      let before = name
      let lower = name.lowercased()
      if let prefix = noisePrefixes.first(where: lower.hasPrefix) { name = String(name.dropFirst(prefix.count)) }
      if let suffix = noiseSuffixes.first(where: { lower.hasSuffix($0) && lower.count > $0.count + 1 }) {
        name = String(name.dropLast(suffix.count))
      }
      while let last = name.last, "!.,:-–—| ".contains(last), name.count > 1 { name.removeLast() }
      if name == before { break }
    }
    name = balanced(name.folded)
    return name.isEmpty || noise.contains(name.lowercased()) ? nil : name
  }

  /// Removes the versions of a name, and the words `latest` and `stable` before `documentation`.
  private static func withoutVersions(_ title: String) -> String {
    var text = title
    if let (head, inside) = SharedTitlePart.bracket(of: text),
      inside.split(separator: " ").contains(where: isVersionNumber)
    {
      text = head
    }
    // "git(1)" and "passwd(5)" are names with the section of the manual.
    if text.hasSuffix(")"), let open = text.lastIndex(of: "("), open != text.startIndex,
      text[text.index(after: open)...].dropLast().first?.isNumber ?? false,
      text.distance(from: open, to: text.endIndex) <= 5
    {
      text = String(text[..<open])
    }
    var words = text.split(separator: " ")
    var index = 1
    while index < words.count {
      let next = index + 1 < words.count ? words[index + 1].lowercased() : ""
      if isVersionNumber(words[index]) {
        words.remove(at: index)
      } else if isVersionWord(words[index]), next.first?.isNumber ?? false {
        words.removeSubrange(index...index + 1)
      } else if ["latest", "stable", "main", "master", "dev"].contains(words[index].lowercased()),
        next.hasPrefix("doc") || next.isEmpty
      {
        words.remove(at: index)
      } else {
        index += 1
      }
    }
    return words.joined(separator: " ")
  }

  private static let noisePrefixes = [
    "welcome to the ", "welcome to ", "willkommen bei ", "willkommen auf ", "bienvenue sur ", "bienvenue à ",
    "bienvenidos a ", "bienvenido a ", "benvenuti in ", "bem-vindo ao ", "home of ", "homepage of ", "home page of ",
    "documentation for ", "documentation of ",
  ]
  private static let noiseSuffixes = [
    " home page", " homepage", " official website", " official site", " website", " web site", " home",
    " documentation", " dokumentation", " documentación", " documentazione", " documentação", " startseite",
    " へようこそ", "へようこそ", " ホームページ", "のドキュメント", " ドキュメント", " 官方网站", "官方文档", " 文档", "首页",
  ]
  /// Titles that do not name a site.
  private static let noise: Set<String> = [
    "home", "home page", "homepage", "welcome", "index", "documentation", "docs", "start", "main page", "top",
    "overview", "introduction", "website", "startseite", "accueil", "inicio", "início", "ホーム", "首页", "主页",
    "untitled", "untitled document", "document", "loading", "title", "table of contents", "contents",
  ]
}
