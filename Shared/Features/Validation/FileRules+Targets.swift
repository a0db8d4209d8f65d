import Crawling
import Fetch
import Web

extension FileRules {
  /// Checks the URLs of links.
  mutating func checkTargets() {
    for (line, link) in file.headLinks + file.links where !link.url.isEmpty { checkSpelling(link, line) }
    let links = ListedLink.all(in: file, location: location)
    checkDuplicates(links)
    if let host = links.first?.url.host, PrivateAddress.isLoopback(host), links.allSatisfy({ $0.url.host == host }) {
      if location?.host != host {
        report(
          .privateLink, links[0].line, "all links refer to the local machine",
          fix: "use the public URLs before publishing the file", severity: .notice)
      }
    } else {
      for link in links where link.url.host != location?.host || PrivateAddress.hasSecret(link.url) {
        guard let reason = PrivateAddress.reason(link.url) else { continue }
        report(.privateLink, link.line, "\(link.url) \(reason)", fix: "remove it, or link the public page")
      }
    }
    for link in links {
      if let ending = Self.fileEnding(of: link.url) {
        report(
          .fileLink, link.line,
          "\(link.url.pathAndQuery) is a file of type \(ending), which text-only clients cannot read",
          fix: "link a page that describes its contents")
      }
      if PageAddress.isSystem(link.url), !PageAddress.isModuleIndex(link.url), !link.url.path.hasSuffix(".xml"),
        !link.url.path.hasSuffix(".txt")
      {
        report(
          .systemPage, link.line,
          "\(link.url.pathAndQuery) looks like a search, login, tag or list page without content of its own",
          fix: "remove it")
      }
      if link.url.pageIdentity.query != link.url.query {
        report(
          .trackingParameters, link.line, "the URL has tracking parameters",
          fix: link.corrected(url: link.url.pageIdentity))
      }
      if !isOnline, link.url.scheme == .http, !PrivateAddress.isLoopback(link.url.host) {
        report(
          .insecureLink, link.line, "the link does not use https", fix: link.corrected(url: link.url.withHTTPS),
          severity: .notice)
      }
    }
    if links.count > 120 {
      report(
        .manyLinks, file.links.first?.line ?? 1,
        "\(links.count) links are more than most clients follow; 90 % of curated files have fewer than 117",
        fix: "keep the main pages, and link separate llms.txt files for parts of the site")
    }
  }

  private static func fileEnding(of url: NormalizedURL) -> String? {
    guard let name = url.segments.last, let dot = name.lastIndex(of: ".") else { return nil }
    let ending = name[name.index(after: dot)...].lowercased()
    let files: Set<String> = [
      "pdf", "png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "ico", "zip", "gz", "tgz", "dmg", "exe", "mp3", "mp4",
      "mov", "webm", "doc", "docx", "ppt", "pptx", "xls", "xlsx", "epub",
    ]
    return files.contains(ending) ? ending : nil
  }

  /// Reports URLs that are relative or invalid.
  private mutating func checkSpelling(_ link: LLMSLink, _ line: Int) {
    do {
      _ = try NormalizedURL(link.url)
    } catch .notAbsolute {
      if link.url.hasPrefix("#") {
        report(.invalidURL, line, "the link refers to this file", fix: "remove it")
      } else if let location, let url = try? NormalizedURL(link.url, relativeTo: location) {
        report(
          .relativeLink, line, "clients that have only the text cannot follow a relative link",
          fix: LLMSLink.line(link.title, url.description, link.description))
      } else {
        report(
          .relativeLink, line, "clients that have only the text cannot follow a relative link",
          fix: LLMSLink.line(
            link.title, "https://example.com/" + link.url.drop { $0 == "/" || $0 == "." }, link.description))
      }
    } catch {
      report(
        .invalidURL, line, "\(link.url.prefix(100)) is not a valid page URL: \(error.rawValue)",
        fix: "write an absolute URL, such as https://example.com/page, or remove the link")
    }
  }

  private mutating func checkDuplicates(_ links: [ListedLink]) {
    var lines: [String: Int] = [:]
    for link in links {
      if let line = lines[link.key] {
        report(
          .duplicateLink, link.line, "\(link.url) is already linked on line \(line)", fix: "remove one of the two links"
        )
      } else {
        lines[link.key] = link.line
      }
    }
    for link in links {
      guard let fragment = link.fragment, let line = lines[String(link.key.dropLast(fragment.count))] else { continue }
      report(
        .duplicateLink, link.line, "\(link.url)\(fragment) is a part of the page that is linked on line \(line)",
        fix: "remove it, and mention that part in the description on line \(line)", severity: .notice)
    }
  }
}

extension NormalizedURL {
  /// The same URL with the scheme `https`.
  var withHTTPS: NormalizedURL { (try? NormalizedURL("https" + description.dropFirst(scheme.rawValue.count))) ?? self }
}
