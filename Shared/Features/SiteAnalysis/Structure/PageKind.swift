import Crawling
import Web

/// The purpose of a page, derived from its URL, title and schema.org types.
enum PageKind: String, Sendable, CaseIterable {
  /// An entry point: overview, introduction, quickstart, installation.
  case start
  case guide, reference, concept, example, product, pricing, support
  case article
  /// Notes of a release, or news about the company for the press.
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
    case .legal, .release, .meta, .outdated: true
    // Visitors of a small business ask for its address, opening hours and news.
    case .contact: type != .website && type != .agency
    case .company, .article: type == .documentation || type == .service
    default: false
    }
  }

  /// Classifies a page.
  ///
  /// - Parameters:
  ///   - inShop: Whether the site is a shop, so that category pages count as product pages.
  ///   - inManual: Whether the site is documentation, so that words such as `events` and `jobs` are subjects.
  ///   - context: Facts about the other pages.
  init(
    _ page: Page, title: String, inShop: Bool = false, inManual: Bool = false, context: Context = Context()
  ) {
    if PageAddress.isModuleIndex(page.url) {
      self = .meta
      return
    }
    // A page with a text to which the navigation leads is not a system page because of its name.
    let isShown =
      context.isInNavigation && page.words >= 40 && page.linkDensity < 60 && !PageAddress.isGenerated(page.url)
    if page.hasPasswordField && page.words < 150
      || !isShown && (PageAddress.isSystem(page.url) || Self.isSystemByContent(page, inShop: inShop))
    {
      self = .system
      return
    }
    let segments = page.url.segments.map { PageAddress.stem($0) }
    // The last segment is the strongest evidence, then the folders, then the title.
    if segments.last?.hasSuffix("-changelog") ?? false {
      self = .release
      return
    }
    for index in segments.indices.reversed() {
      guard let kind = Self.bySegment[segments[index]],
        !Self.isSubject(kind, segments[index], below: segments[..<index], inManual),
        index < segments.count - 1 || !Self.isEntry(kind, segments[index], title, context)
      else { continue }
      self = kind
      return
    }
    if inShop, segments.contains(where: PageAddress.categories.contains) {
      self = .product
      return
    }
    if Self.isRelease(title, ignoring: context.versions) {
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
    case .example where ["customers", "clients"].contains(word):
      folders.contains { PageAddress.manuals.contains($0) || PageAddress.interfaces.contains($0) }
    case .outdated, .legal, .release, .meta, .product, .pricing, .support:
      folders.contains(where: PageAddress.interfaces.contains)
    default: false
    }
  }

  /// Facts about the other pages of the site.
  struct Context {
    /// The versions that many titles contain, so that they are part of the site's name.
    var versions: Set<Substring> = []
    /// The number of other pages in the page's folder.
    var siblings = 0
    /// Whether a sidebar or menu leads to the page.
    var isInNavigation = false
  }

  /// The number of other pages in a folder from which a file name needs a title that confirms it. In a folder of
  /// functions, `changes` is a function.
  private static let manySiblings = 8

  /// Whether a page is an entry of a large folder whose file name is by chance a word that indicates a kind.
  private static func isEntry(_ kind: PageKind, _ name: String, _ title: String, _ context: Context) -> Bool {
    guard context.siblings >= manySiblings, kind.isOptional(onSiteOf: .documentation) || kind == .pricing else {
      return false
    }
    let words = Set(name.split { !$0.isLetter }.map(String.init))
    return words.isDisjoint(with: title.lowercased().split { !$0.isLetter }.map(String.init))
      || context.siblings >= manySiblings * 4 && title.lowercased() == name
  }

  /// The kind of the pages of a group with this name; `nil` if the name is not that of a kind.
  init?(ofGroup name: String) {
    let slug = name.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
    guard let kind = Self.bySegment[slug], [.release, .legal, .outdated].contains(kind) else { return nil }
    self = kind
  }

  /// Returns the version numbers that follow the word `version` or `release` in a title.
  static func versions(in title: String) -> [Substring] {
    let words = title.split(separator: " ")
    return zip(words, words.dropFirst()).compactMap { word, next in
      ["release", "version", "releases"].contains(word.lowercased()) && next.first?.isNumber ?? false
        && next.contains(".") ? next : nil
    }
  }

  /// Whether a title names a version, such as `SQLite Release 3.40.1 On 2022-12-28` or `Version 2.1`.
  private static func isRelease(_ title: String, ignoring common: Set<Substring>) -> Bool {
    versions(in: title).contains { !common.contains($0) }
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

  /// Page kinds by URL segments, in English, German, French, Spanish, Italian and Dutch.
  private static let bySegment: [String: PageKind] = {
    let table: [(PageKind, String)] = [
      (
        .start,
        """
        getting-started quickstart quick-start start introduction intro overview install installation installing \
        setup tutorial first-steps get-started erste-schritte einstieg einfuehrung premiers-pas demarrage \
        primeros-pasos introduccion introduzione primi-passi
        """
      ),
      (
        .guide,
        """
        guide guides how-to howto howtos tutorials learn user-guide handbook manual using cookbook recipes \
        ratgeber anleitung anleitungen handbuch tutoriels conseils guias tutoriales consejos guida guide handleiding
        """
      ),
      (.reference, "api reference api-reference cli configuration config options sdk spec specification c-api"),
      (.concept, "concepts concept architecture fundamentals explanation how-it-works"),
      (
        .example,
        """
        examples example samples demos demo templates showcase customers case-studies case-study success-stories \
        kunden referenzen clients references-clients clientes casi-studio klanten
        """
      ),
      (
        .product,
        """
        products product features feature solutions services use-cases integrations platform produkte produkt \
        leistungen funktionen loesungen produits produit fonctionnalites prestations productos servicios prodotti \
        servizi producten diensten
        """
      ),
      (.pricing, "pricing plans prices preise tarife tarifs prix precios tarifas prezzi prijzen"),
      (
        .support,
        "faq faqs support help troubleshooting glossary hilfe glossar aide glossaire ayuda glosario aiuto veelgestelde-vragen"
      ),
      (
        .article,
        """
        blog news posts articles events stories aktuelles neuigkeiten veranstaltungen \
        termine actualites evenements noticias eventos notizie eventi nieuws evenementen magazin
        """
      ),
      (
        .release,
        """
        changelog changelogs changes whatsnew whats-new release-notes releases release roadmap \
        news-and-updates aenderungen notes-de-version press press-releases newsroom presse
        """
      ),
      (
        .company,
        """
        about about-us company history team careers jobs partners investors community ueber-uns uber-uns unternehmen \
        karriere stellen a-propos qui-sommes-nous equipe recrutement emploi quienes-somos sobre-nosotros equipo \
        empleo chi-siamo lavora-con-noi over-ons vacatures
        """
      ),
      (.contact, "contact contact-us kontakt contacts contacto contatti contattaci nous-contacter contactez-nous"),
      (
        .legal,
        """
        legal privacy privacy-policy privacy-notice terms terms-of-service terms-of-use tos license licence licenses \
        copyright cookies cookie-policy imprint impressum dpa gdpr disclaimer accessibility terms-and-conditions \
        conditions legal-notice legalnotice copying acceptable-use acceptable-use-policy datenschutz \
        datenschutzerklaerung agb widerruf widerrufsrecht nutzungsbedingungen rechtliches barrierefreiheit \
        mentions-legales cgv cgu confidentialite politique-de-confidentialite conditions-generales aviso-legal \
        privacidad politica-de-privacidad terminos condiciones note-legali informativa-privacy privacybeleid \
        voorwaarden algemene-voorwaarden
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
    ("datenschutz", .legal), ("datenschutzerklärung", .legal), ("impressum", .legal), ("widerrufsrecht", .legal),
    ("widerrufsbelehrung", .legal), ("allgemeine geschäftsbedingungen", .legal), ("agb", .legal),
    ("mentions légales", .legal), ("conditions générales", .legal), ("politique de confidentialité", .legal),
    ("aviso legal", .legal), ("política de privacidad", .legal), ("note legali", .legal),
    ("informativa sulla privacy", .legal), ("algemene voorwaarden", .legal), ("privacybeleid", .legal),
    ("acknowledgments", .meta), ("contributing", .meta), ("preface", .meta), ("foreword", .meta),
    ("getting started", .start), ("quickstart", .start), ("quick start", .start), ("installation", .start),
    ("introduction", .start),
    ("installing", .start), ("overview", .start), ("pricing", .pricing), ("api reference", .reference),
    ("reference", .reference),
    ("faq", .support), ("frequently asked questions", .support), ("glossary", .support), ("guide", .guide),
    ("howto", .guide),
    ("tutorial", .guide), ("examples", .example), ("about us", .company), ("contact", .contact),
    ("über uns", .company), ("à propos", .company), ("kontakt", .contact),
  ]
}

/// The kind of a site, derived from its pages. The raw values are part of reports.
package enum SiteType: String, Sendable, Codable {
  case documentation, service, agency, shop, blog, website
}
