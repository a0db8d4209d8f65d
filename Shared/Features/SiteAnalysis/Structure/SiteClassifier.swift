import Web

/// Says what kind of site its pages make.
enum SiteClassifier {
  static func type(of pages: [Page], kinds: [PageKind]) -> SiteType {
    let home = pages[0]
    func count(_ kind: PageKind) -> Int { kinds.count { $0 == kind } }
    let paths = pages.map { $0.url.path }
    let generator = home.generator?.lowercased() ?? ""
    let name = (home.title ?? "").lowercased() + " " + (home.heading ?? "").lowercased()
    let isGenerated = ["docutils", "sphinx", "publican", "mkdocs", "docusaurus", "vitepress", "mdbook", "antora", "docbook", "jekyll-docs", "gitbook"]
      .contains { generator.contains($0) }
    let isNamed = ["documentation", "handbook", "manual", " docs", "reference", "guide"].contains { name.contains($0) }
    if isGenerated || isNamed || home.url.host.hasPrefix("docs.") || home.url.path.hasPrefix("/docs") { return .documentation }
    if paths.contains(where: { $0.hasPrefix("/cart") || $0.contains("/products/") || $0.hasPrefix("/shop") }) { return .shop }
    func has(_ names: [String]) -> Bool { pages.contains { page in page.url.segments.first.map { names.contains($0.lowercased()) } ?? false } }
    if count(.pricing) == 0, has(["services", "leistungen", "expertise"]), has(["case-studies", "cases", "work", "our-work", "portfolio", "projects", "clients", "industries"]) {
      return .agency
    }
    if count(.pricing) > 0 || count(.product) >= 3 { return .service }
    if count(.article) * 2 > pages.count { return .blog }
    let withCode = pages.count { $0.codeBlocks > 0 }
    if withCode * 3 > pages.count || count(.reference) + count(.guide) > pages.count / 3 { return .documentation }
    return .website
  }
}
