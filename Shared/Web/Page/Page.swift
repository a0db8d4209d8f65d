/// What a page says of itself and holds, as a reader and a search engine would find it.
package struct Page: Sendable {
  /// Where it was found.
  package var url: NormalizedURL
  /// The `title` element, in one line.
  package var title: String?
  /// The first top-level heading of the content.
  package var heading: String?
  /// The meta description, else Open Graph's, else that of its JSON-LD.
  package var description: String?
  package var canonical: NormalizedURL?
  /// Words of the robots meta elements, in lower case: `noindex`, `nofollow`, …
  package var robots: Set<String> = []
  /// The day after which it is not to be found (`unavailable_after`), as ``SitemapDate/day(_:)`` counts days.
  package var unavailableAfter: Int?
  /// A BCP 47 tag as written, such as `en` or `pt-BR`.
  package var language: String?
  /// What it says it is about, as schema.org names types: `Product`, `FAQPage`, …
  package var types: [String] = []
  /// When it says that it was changed, as written.
  package var modified: String?
  /// Open Graph's site name, the application's, or that of its JSON-LD.
  package var siteName: String?
  package var generator: String?
  /// The same page in other languages.
  package var alternates: [Alternate] = []
  /// The same page as Markdown, where the site offers it.
  package var markdownURL: NormalizedURL?
  /// Whether that is there, or would be by the site's custom; nil where nobody asked.
  package var hasMarkdown: Bool?
  /// The first feed (RSS, Atom) that the page names.
  package var feedURL: NormalizedURL?
  /// Where the home page says that the sitemap is.
  package var sitemapURL: NormalizedURL?
  /// A page that sends its reader elsewhere at once (`meta http-equiv=refresh`).
  package var refreshURL: NormalizedURL?
  package var headings: [Heading] = []
  package var links: [Link] = []
  /// The trail of links that lead down to the page, without the page itself.
  package var breadcrumbs: [String] = []
  /// The main content, a line a block.
  package var text: String = ""
  /// Equal for pages of equal text.
  package var fingerprint = 0
  /// The main content's first paragraphs of running text.
  package var paragraphs: [String] = []
  package var words: Int = 0
  /// Words of the main content that are links, of a hundred.
  package var linkDensity: Int = 0
  /// Words of the whole page that stand in running text, of a hundred: in blocks of fifteen or more, a third of them
  /// links at most, or
  /// in code.
  package var proseShare: Int = 0
  /// Short blocks of the whole page that name a price.
  package var prices: Int = 0
  /// Whether it says that it offers one thing for sale, in JSON-LD or Open Graph.
  package var isOffer = false
  /// Form fields for passwords: a page to log in or register.
  package var hasPasswordField = false
  package var codeBlocks: Int = 0
  /// Next to no text, and scripts that will draw the page: nothing to read without a browser.
  package var isScriptShell = false

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

  package struct Link: Sendable, Equatable {
    package enum Region: String, Sendable {
      case navigation, content, header, footer, aside
    }
    /// As written, without its fragment.
    package let reference: String
    /// Whether it leads to a place in the page rather than to its top.
    package let hasFragment: Bool
    package let text: String
    package let region: Region
    /// How many lists it is inside of: in a table of contents, its level.
    package let listDepth: Int
    /// The text of the last heading before it, in the content.
    package let heading: String?
    /// What the group of links is called that it stands in, outside of the content.
    package let group: String?

    package init(
      reference: String, hasFragment: Bool, text: String, region: Region, listDepth: Int, heading: String?,
      group: String? = nil
    ) {
      self.reference = reference
      self.hasFragment = hasFragment
      self.text = text
      self.region = region
      self.listDepth = listDepth
      self.heading = heading
      self.group = group
    }
  }

  /// Resolves a link; nil where it leads nowhere that can be read.
  package func resolve(_ link: Link) -> NormalizedURL? { try? NormalizedURL(link.reference, relativeTo: base ?? url) }

  package mutating func add(_ directives: RobotsDirectives) {
    robots.formUnion(directives.words)
    if let day = directives.unavailableAfter { unavailableAfter = min(day, unavailableAfter ?? day) }
  }

  /// Whether it asks not to be linked.
  ///
  /// - Parameter today: as ``SitemapDate/day(_:)`` counts days.
  package func forbidsIndexing(on today: Int) -> Bool {
    robots.contains("noindex") || robots.contains("none") || unavailableAfter.map { $0 < today } ?? false
  }

  /// Whether it asks that its links are not followed.
  package var forbidsFollowing: Bool { robots.contains("nofollow") || robots.contains("none") }

  /// The `base` element, where there is one.
  package var base: NormalizedURL?

  package init(url: NormalizedURL) { self.url = url }
}
