/// A parsed page: metadata, headings, links and main content.
package struct Page: Sendable {
  /// The URL that the page was fetched from.
  package var url: NormalizedURL
  /// The text of the `title` element on one line.
  package var title: String?
  /// The first top-level heading of the content.
  package var heading: String?
  /// The description from the meta element, else from Open Graph, else from JSON-LD.
  package var description: String?
  package var canonical: NormalizedURL?
  /// The robots directives in lower case: `noindex`, `nofollow`, …
  package var robots: Set<String> = []
  /// The day after which the page must not be indexed (`unavailable_after`), as a number from ``SitemapDate/day(_:)``.
  package var unavailableAfter: Int?
  /// A BCP 47 tag as written, such as `en` or `pt-BR`.
  package var language: String?
  /// The schema.org types of its main subject: `Product`, `FAQPage`, …
  package var types: [String] = []
  /// The modification date that the page declares, as written.
  package var modified: String?
  /// The site name from Open Graph, the `application-name` or JSON-LD (a WebSite or an Organization).
  package var siteName: String?
  package var generator: String?
  /// The same page in other languages.
  package var alternates: [Alternate] = []
  /// The URL of a Markdown version that the page declares.
  package var markdownURL: NormalizedURL?
  /// Whether the Markdown version exists, at ``markdownURL`` or at the URL that the site uses by convention; nil if
  /// unknown.
  package var hasMarkdown: Bool?
  /// The first feed (RSS, Atom) that the page names.
  package var feedURL: NormalizedURL?
  /// The sitemap that the page links to (`rel=sitemap`).
  package var sitemapURL: NormalizedURL?
  /// The URL that the page redirects to within seconds (`meta http-equiv=refresh`).
  package var refreshURL: NormalizedURL?
  package var headings: [Heading] = []
  package var links: [Link] = []
  /// The breadcrumb trail, without the page itself.
  package var breadcrumbs: [String] = []
  /// The main content, one block per line.
  package var text: String = ""
  /// A hash of ``text``; equal for pages with equal text.
  package var fingerprint = 0
  /// The first paragraphs of prose in the main content.
  package var paragraphs: [String] = []
  package var words: Int = 0
  /// The percentage of words in the main content that are links.
  package var linkDensity: Int = 0
  /// The percentage of words of the whole page that are prose: in blocks of 15 or more words with under a third of
  /// them in links, or in code.
  package var proseShare: Int = 0
  /// The number of short blocks of the whole page that contain a price.
  package var prices: Int = 0
  /// True if JSON-LD or Open Graph declares a product for sale.
  package var isOffer = false
  /// True if the page has a password field: a login or registration page.
  package var hasPasswordField = false
  package var codeBlocks: Int = 0
  /// True if the page has almost no text and scripts that will render it, so it is empty without a browser.
  package var isScriptShell = false

  /// A translation of the page (`hreflang`).
  package struct Alternate: Sendable, Equatable {
    package let language: String
    package let url: NormalizedURL

    package init(language: String, url: NormalizedURL) {
      self.language = language
      self.url = url
    }
  }

  package struct Heading: Sendable, Equatable {
    package let level: Int
    package let text: String

    package init(level: Int, text: String) {
      self.level = level
      self.text = text
    }
  }

  /// A link to another page or to a part of a page.
  package struct Link: Sendable, Equatable {
    /// The part of the page that contains a link; see ``PageRegions``.
    package enum Region: String, Sendable {
      case navigation, content, header, footer, aside
    }
    /// The target as written, without the fragment.
    package let reference: String
    /// True if the target has a fragment, so the link leads to a part of the page.
    package let hasFragment: Bool
    package let text: String
    package let region: Region
    /// The number of lists around the link: its level in a table of contents.
    package let listDepth: Int
    /// The text of the last heading before the link.
    package let heading: String?
    /// The names of the link groups around the link outside the main content, from the outermost to the innermost; see
    /// ``LinkGroups``.
    package let groups: [String]

    package init(
      reference: String, hasFragment: Bool, text: String, region: Region, listDepth: Int, heading: String?,
      groups: [String] = []
    ) {
      self.reference = reference
      self.hasFragment = hasFragment
      self.text = text
      self.region = region
      self.listDepth = listDepth
      self.heading = heading
      self.groups = groups
    }
  }

  /// Resolves a link against the base URL; nil if the result is not an http or https URL.
  package func resolve(_ link: Link) -> NormalizedURL? { try? NormalizedURL(link.reference, relativeTo: base ?? url) }

  package mutating func add(_ directives: RobotsDirectives) {
    robots.formUnion(directives.words)
    if let day = directives.unavailableAfter { unavailableAfter = min(day, unavailableAfter ?? day) }
  }

  /// True if the page asks not to be indexed.
  ///
  /// - Parameter today: the current day as a number from ``SitemapDate/day(_:)``.
  package func forbidsIndexing(on today: Int) -> Bool {
    robots.contains("noindex") || robots.contains("none") || unavailableAfter.map { $0 < today } ?? false
  }

  /// True if the page asks crawlers not to follow its links.
  package var forbidsFollowing: Bool { robots.contains("nofollow") || robots.contains("none") }

  /// The URL of the `base` element, if any.
  package var base: NormalizedURL?

  package init(url: NormalizedURL) { self.url = url }
}
