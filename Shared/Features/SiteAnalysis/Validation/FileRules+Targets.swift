import Fetch
import Web

extension FileRules {
  /// Where links lead, as far as their URLs tell.
  mutating func checkTargets() {
    for (line, link) in file.headLinks + file.links where !link.url.isEmpty { checkSpelling(link, line) }
    let links = ListedLink.all(in: file, location: location)
    checkDuplicates(links)
    if let host = links.first?.url.host, PrivateAddress.isLoopback(host), links.allSatisfy({ $0.url.host == host }) {
      if location?.host != host {
        report(
          .privateLink, links[0].line, "all links lead to this machine",
          fix: "write the public address before the file is published", severity: .notice)
      }
    } else {
      for link in links where link.url.host != location?.host || PrivateAddress.hasSecret(link.url) {
        guard let reason = PrivateAddress.reason(link.url) else { continue }
        report(.privateLink, link.line, "\(link.url) \(reason)", fix: "leave it out, or link the public page")
      }
    }
    for link in links {
      if let ending = Self.fileEnding(of: link.url) {
        report(
          .fileLink, link.line,
          "\(link.url.pathAndQuery) is a file of type \(ending), which readers of text cannot read",
          fix: "link a page that says what is in it")
      }
      if PageKind.isSystem(link.url), !PageKind.isModuleIndex(link.url), !link.url.path.hasSuffix(".xml"),
        !link.url.path.hasSuffix(".txt")
      {
        report(
          .systemPage, link.line,
          "\(link.url.pathAndQuery) looks like a search, a login, a tag or a further page of a list, which nobody comes to read",
          fix: "leave it out")
      }
      if link.url.pageIdentity.query != link.url.query {
        report(
          .trackingParameters, link.line, "the URL says where a visitor came from",
          fix: link.corrected(url: link.url.pageIdentity))
      }
      if !isOnline, link.url.scheme == .http, !PrivateAddress.isLoopback(link.url.host) {
        report(
          .insecureLink, link.line, "the link is not to https", fix: link.corrected(url: link.url.withHTTPS),
          severity: .notice)
      }
    }
    if links.count > 120 {
      report(
        .manyLinks, file.links.first?.line ?? 1,
        "\(links.count) links are more than most readers follow; nine of ten curated files have under 117",
        fix: "keep the hubs, and link llms.txt files of the site's parts")
    }
  }

  private static func fileEnding(of url: NormalizedURL) -> String? {
    guard let name = url.segments.last, let dot = name.lastIndex(of: ".") else { return nil }
    let ending = name[name.index(after: dot)...].lowercased()
    let files: Set<String> = [
      "pdf", "png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "ico", "zip", "gz", "tgz", "dmg", "exe", "mp3", "mp4",
      "mov", "webm", "doc", "docx", "ppt",
      "pptx", "xls", "xlsx", "epub",
    ]
    return files.contains(ending) ? ending : nil
  }

  private mutating func checkSpelling(_ link: LLMSLink, _ line: Int) {
    do {
      _ = try NormalizedURL(link.url)
    } catch .notAbsolute {
      if link.url.hasPrefix("#") {
        report(.invalidURL, line, "the link leads into this file", fix: "leave it out")
      } else if let location, let url = try? NormalizedURL(link.url, relativeTo: location) {
        report(
          .relativeLink, line, "readers that hold only the text cannot follow a relative link",
          fix: LLMSLink.line(link.title, url.description, link.description))
      } else {
        report(
          .relativeLink, line, "readers that hold only the text cannot follow a relative link",
          fix: LLMSLink.line(
            link.title, "https://example.com/" + link.url.drop { $0 == "/" || $0 == "." }, link.description))
      }
    } catch {
      report(
        .invalidURL, line, "\(link.url.prefix(100)) is no URL of a page: \(error.rawValue)",
        fix: "write a whole URL, such as https://example.com/page, or leave it out")
    }
  }

  private mutating func checkDuplicates(_ links: [ListedLink]) {
    var lines: [String: Int] = [:]
    for link in links {
      if let line = lines[link.key] {
        report(
          .duplicateLink, link.line, "\(link.url) is linked in line \(line) already", fix: "leave one of the two out")
      } else {
        lines[link.key] = link.line
      }
    }
    for link in links {
      guard let place = link.place, let line = lines[String(link.key.dropLast(place.count))] else { continue }
      report(
        .duplicateLink, link.line, "\(link.url)\(place) is a place in the page that is linked in line \(line)",
        fix: "leave it out, and say in that line's description what is there", severity: .notice)
    }
  }
}

extension NormalizedURL {
  /// The same over TLS.
  var withHTTPS: NormalizedURL { (try? NormalizedURL("https" + description.dropFirst(scheme.rawValue.count))) ?? self }
}
