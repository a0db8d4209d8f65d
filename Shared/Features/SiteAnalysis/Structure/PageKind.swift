import Crawling
import Web

/// The purpose of a page, derived from its URL, title and schema.org types.
enum PageKind: String, Sendable, CaseIterable {
  /// An entry point: overview, introduction, quickstart, installation.
  case start
  case guide, reference, concept, example, product, pricing, support
  case article
  case release
  case company
  case contact
  case legal
  /// A page about the site rather than its subject: preface, acknowledgements, how to report bugs.
  case meta
  /// Legacy, deprecated or archived.
  case outdated
  /// A page without content of its own: search, index, login, cart, tag list, further page of a list.
  case system
  case other

  /// The name of a section made of pages of this kind, or `nil` if the kind does not form a section.
  var sectionName: String? {
    switch self {
    case .start: "Getting Started"
    case .guide: "Guides"
    case .reference: "Reference"
    case .concept: "Concepts"
    case .example: "Examples"
    case .product: "Product"
    case .article: "Articles"
    case .support: "Support"
    case .company, .contact: "Company"
    case .pricing, .release, .legal, .meta, .outdated, .system, .other: nil
    }
  }

  /// Whether pages of this kind belong to the `Optional` section of a file.
  func isOptional(onSiteOf type: SiteType) -> Bool {
    switch self {
    case .legal, .contact, .release, .meta, .outdated: true
    case .company: type == .documentation || type == .service
    case .article: type != .blog
    default: false
    }
  }

  /// Classifies a page.
  ///
  /// - Parameters:
  ///   - inShop: Whether the site is a shop, so that category pages count as product pages.
  ///   - inManual: Whether the site is documentation, so that words such as `events` and `jobs` are subjects.
  init(_ page: Page, title: String, inShop: Bool = false, inManual: Bool = false) {
    if PageAddress.isModuleIndex(page.url) {
      self = .meta
      return
    }
    if page.hasPasswordField && page.words < 150 || PageAddress.isSystem(page.url)
      || Self.isSystemByContent(page, inShop: inShop)
    {
      self = .system
      return
    }
    let segments = page.url.segments.map { PageAddress.stem($0) }
    // The last segment is the strongest evidence, then the folders, then the title.
    for index in segments.indices.reversed() {
      guard let kind = Self.bySegment[segments[index]],
        !Self.isSubject(kind, segments[index], below: segments[..<index], inManual)
      else { continue }
      self = kind
      return
    }
    if inShop, segments.contains(where: PageAddress.categories.contains) {
      self = .product
      return
    }
    if Self.isRelease(title) {
      self = .release
      return
    }
    let lower = Array(title.lowercased().unicodeScalars)
    for (phrase, kind) in Self.byTitle
    where Self.contains(lower, phrase) && !Self.isSubject(kind, "", below: segments.dropLast(), inManual) {
      self = kind
      return
    }
    // Structured data counts least, because many sites mark every page as an article or an FAQ.
    for type in page.types {
      if let kind = Self.byType[type] {
        self = kind
        return
      }
    }
    self = Self.isDated(segments) ? .article : .other
  }

  /// Whether a word that usually indicates a kind is the subject of a documentation page, such as `events` and
  /// `customers` in `/docs/api/events`.
  private static func isSubject(_ kind: PageKind, _ word: String, below folders: ArraySlice<String>, _ inManual: Bool)
    -> Bool
  {
    switch kind {
    case .article, .company, .contact:
      inManual || folders.contains { PageAddress.manuals.contains($0) || PageAddress.interfaces.contains($0) }
    case .release where inManual && word == "history": true
    case .outdated, .legal, .release, .meta, .product, .pricing, .support:
      folders.contains(where: PageAddress.interfaces.contains)
    default: false
    }
  }

  /// Whether a title names a version, such as `SQLite Release 3.40.1 On 2022-12-28` or `Version 2.1`.
  private static func isRelease(_ title: String) -> Bool {
    let words = title.lowercased().split(separator: " ")
    return zip(words, words.dropFirst()).contains { word, next in
      ["release", "version", "releases"].contains(word) && next.first?.isNumber ?? false && next.contains(".")
    }
  }

  /// Whether a title contains a phrase as whole words.
  private static func contains(_ title: [Unicode.Scalar], _ phrase: [Unicode.Scalar]) -> Bool {
    func isLetter(_ position: Int) -> Bool {
      title.indices.contains(position) && title[position].properties.isAlphabetic
    }
    var start = 0
    while let position = title.position(of: phrase, from: start) {
      if !isLetter(position - 1), !isLetter(position + phrase.count) { return true }
      start = position + 1
    }
    return false
  }

  /// Whether a path contains a date: `/2024/05/…` or `/2024-05-01-…`.
  private static func isDated(_ segments: [String]) -> Bool {
    segments.contains { segment in
      let digits = segment.prefix { $0.isNumber || $0 == "-" }
      return digits.prefix(4).count == 4 && (Int(digits.prefix(4)).map { (1990...2100).contains($0) } ?? false)
        && (segment.count == 4 || digits.count >= 7)
    }
  }

  private static let bySegment: [String: PageKind] = {
    let table: [(PageKind, String)] = [
      (
        .start,
        """
        getting-started quickstart quick-start start introduction intro overview install installation installing \
        setup tutorial first-steps get-started
        """
      ),
      (.guide, "guide guides how-to howto howtos tutorials learn user-guide handbook manual using cookbook recipes"),
      (.reference, "api reference api-reference cli configuration config options sdk spec specification c-api"),
      (.concept, "concepts concept architecture fundamentals explanation how-it-works"),
      (.example, "examples example samples demos demo templates showcase"),
      (.product, "products product features feature solutions services use-cases integrations platform"),
      (.pricing, "pricing plans prices"),
      (.support, "faq faqs support help troubleshooting glossary"),
      (.article, "blog news press posts articles press-releases newsroom events stories"),
      (
        .release, "changelog changes whatsnew whats-new release-notes releases release history roadmap news-and-updates"
      ),
      (.company, "about about-us company team careers jobs partners investors customers community"),
      (.contact, "contact contact-us kontakt contacts"),
      (
        .legal,
        """
        legal privacy privacy-policy terms terms-of-service tos license licence licenses copyright cookies \
        cookie-policy imprint impressum dpa gdpr disclaimer accessibility terms-and-conditions conditions \
        legal-notice legalnotice copying
        """
      ),
      (
        .meta,
        """
        bugs contributing contribute acknowledgments acknowledgements preface foreword colophon credits \
        code-of-conduct security-policy download downloads contents toc table-of-contents conclusion \
        future-of-this-book book-structure who-is-this-book-for selected-approach
        """
      ),
      (.outdated, "deprecated legacy archive archives obsolete superseded distutils old v1 versions"),
    ]
    var byName: [String: PageKind] = [:]
    for (kind, words) in table { for word in words.split(separator: " ") { byName[String(word)] = kind } }
    return byName
  }()

  /// Page kinds by schema.org type. `Article` is not listed, because documentation uses it, too.
  private static let byType: [String: PageKind] = [
    "Product": .product, "ProductGroup": .product, "SoftwareApplication": .product, "Service": .product,
    "FAQPage": .support, "QAPage": .support,
    "HowTo": .guide, "Course": .guide, "TechArticle": .reference, "APIReference": .reference, "DefinedTerm": .concept,
    "BlogPosting": .article,
    "NewsArticle": .article, "LiveBlogPosting": .article, "Event": .article, "AboutPage": .company,
    "ContactPage": .contact, "JobPosting": .company,
    "ProfilePage": .system, "SearchResultsPage": .system, "CheckoutPage": .system,
  ]

  private static let byTitle: [(phrase: [Unicode.Scalar], kind: PageKind)] = titles.map {
    (Array($0.unicodeScalars), $1)
  }

  private static let titles: [(String, PageKind)] = [
    ("(legacy)", .outdated), ("deprecated", .outdated), ("superseded", .outdated), ("obsolete", .outdated),
    ("what’s new", .release), ("what's new", .release), ("changelog", .release), ("release notes", .release),
    ("privacy policy", .legal), ("terms of service", .legal), ("terms and conditions", .legal), ("license", .legal),
    ("copyright", .legal), ("legal notice", .legal), ("copying", .legal),
    ("acknowledgments", .meta), ("contributing", .meta), ("preface", .meta), ("foreword", .meta),
    ("getting started", .start), ("quickstart", .start), ("quick start", .start), ("installation", .start),
    ("introduction", .start),
    ("installing", .start), ("overview", .start), ("pricing", .pricing), ("api reference", .reference),
    ("reference", .reference),
    ("faq", .support), ("frequently asked questions", .support), ("glossary", .support), ("guide", .guide),
    ("howto", .guide),
    ("tutorial", .guide), ("examples", .example), ("about us", .company), ("contact", .contact),
  ]
}

/// The kind of a site, derived from its pages. The raw values are part of reports.
package enum SiteType: String, Sendable, Codable {
  case documentation, service, agency, shop, blog, website
}
