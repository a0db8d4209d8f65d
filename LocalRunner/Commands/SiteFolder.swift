import ArgumentParser
import Crawling
import FoundationEssentials
import SampleSite
import Web

/// A folder that contains a built site.
struct SiteFolder {
  let path: String
  let site: StaticSite
  private let pages: [String]

  /// - Returns: nil if the text is not the path of a folder. A name with a dot is a site, unless it begins with `./`.
  /// - Throws: `ValidationError` if the path is not a folder, or contains no site.
  init?(_ text: String) throws {
    let isPath =
      text.hasPrefix("/") && !text.hasPrefix("//") || text.hasPrefix("./") || text.hasPrefix("../")
      || text == "." || text == ".."
    let isName = !text.contains("://") && !(text.split(separator: "/").first ?? ".").contains(".")
    guard isPath || isName && FileManager.default.fileExists(atPath: text) else { return nil }
    guard Self.isFolder(text) else {
      let problem = FileManager.default.fileExists(atPath: text) ? "is not a folder" : "does not exist"
      throw ValidationError("\(text) \(problem); give the folder of a built site, or a URL")
    }
    path = text.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text
    site = StaticSite(folder: path)
    let files = site.files
    pages = files.filter { $0.hasSuffix(".html") || $0.hasSuffix(".htm") }
    guard !pages.isEmpty else {
      let advice = files.contains { $0.hasSuffix(".md") } ? "; build the site from its Markdown files first" : ""
      throw ValidationError(
        "\(path) contains no HTML pages\(advice); give the folder that the site is built into, such as public or dist")
    }
    guard pages.contains("index.html") || pages.contains("index.htm") else {
      let homes = pages.filter { $0.hasSuffix("/index.html") }.sorted { ($0.count, $0) < ($1.count, $1) }
      let advice = homes.first.map { "; the site may be in \(path)/\($0.dropLast("/index.html".count))" } ?? ""
      throw ValidationError("\(path) contains no index.html, so it has no home page\(advice)")
    }
  }

  static func isFolder(_ path: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
  }

  /// The number of pages whose canonical links are read.
  private static let samples = 100

  /// The public address of the site by the canonical links of its pages; nil if they do not agree on one.
  func claimedBase() throws -> NormalizedURL? {
    let root = try NormalizedURL("http://localhost/")
    let sample = pages.sorted { ($0.split(separator: "/").count, $0) < ($1.split(separator: "/").count, $1) }
      .filter { $0 != "404.html" }.prefix(Self.samples)
    return PublicAddress.claimed(
      by: sample.compactMap { name in
        guard let data = try? Data(contentsOf: URL(filePath: "\(path)/\(name)")),
          let url = try? NormalizedURL(name, relativeTo: root)
        else { return nil }
        return (url, PageReader.read(Array(data), url: url).canonical)
      }, in: "/")
  }
}
