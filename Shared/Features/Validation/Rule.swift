/// The rules for an llms.txt. The raw values are the names in reports.
///
/// The rules of the format are those of its reference parser, llms-txt 0.0.7. The others are common to published
/// validators (Lighthouse, AFDocs, llms-txt-kit, llms-txt-audit, HTTP Archive) and curated files.
package enum Rule: String, Sendable, Encodable, CaseIterable {
  // File.
  case missingFile = "missing-file"
  case notText = "not-text"
  case emptyFile = "empty-file"
  case notUTF8 = "not-utf8"
  case byteOrderMark = "byte-order-mark"
  case carriageReturns = "carriage-returns"
  case contentType = "content-type"
  case unusualPlace = "unusual-place"
  case tooShort = "too-short"
  case large
  case tooLarge = "too-large"

  // Title, summary and text before the first section.
  case missingTitle = "missing-title"
  case titleAlone = "title-alone"
  case textBeforeTitle = "text-before-title"
  case secondTitle = "second-title"
  case underlinedHeading = "underlined-heading"
  case headingSpace = "heading-space"
  case nameSuffix = "name-suffix"
  case missingSummary = "missing-summary"
  case lostSummary = "lost-summary"
  case summaryLines = "summary-lines"
  case longSummary = "long-summary"
  case robotsDirective = "robots-directive"
  case unclosedFence = "unclosed-fence"
  case fencedHeading = "fenced-heading"

  // Sections.
  case noSections = "no-sections"
  case noLinks = "no-links"
  case linksBeforeSections = "links-before-sections"
  case emptyHeading = "empty-heading"
  case emptySection = "empty-section"
  case duplicateSection = "duplicate-section"
  case subheading
  case headingInSection = "heading-in-section"
  case optionalName = "optional-name"
  case textInSection = "text-in-section"
  case commentInSection = "comment-in-section"
  case codeInSection = "code-in-section"
  case bareURL = "bare-url"
  case referenceLink = "reference-link"
  case linkInHeading = "link-in-heading"
  case oneLinkSection = "one-link-section"
  case largeSection = "large-section"

  // Links.
  case bullet
  case decoratedLink = "decorated-link"
  case bracketInTitle = "bracket-in-title"
  case parenthesisInURL = "parenthesis-in-url"
  case emptyTitle = "empty-title"
  case descriptionSeparator = "description-separator"
  case secondLink = "second-link"
  case indentedLink = "indented-link"
  case unbalancedBrackets = "unbalanced-brackets"
  case unreadableLine = "unreadable-line"
  case lostText = "lost-text"
  case invalidURL = "invalid-url"
  case relativeLink = "relative-link"
  case insecureLink = "insecure-link"
  case duplicateLink = "duplicate-link"
  case fileLink = "file-link"
  case privateLink = "private-link"
  case systemPage = "system-page"
  case trackingParameters = "tracking-parameters"
  case manyLinks = "many-links"

  // Texts.
  case invisibleCharacters = "invisible-characters"
  case titleSuffix = "title-suffix"
  case fewDescriptions = "few-descriptions"
  case repeatedDescription = "repeated-description"
  case cutDescription = "cut-description"
  case emptyPhrase = "empty-phrase"
  case descriptionIsTitle = "description-is-title"
  case slugDescription = "slug-description"
  case longDescription = "long-description"
  case mixedPeriods = "mixed-periods"

  // Network checks.
  case deadLink = "dead-link"
  case refusedLink = "refused-link"
  case redirectedLink = "redirected-link"
  case robotsConflict = "robots-conflict"
  case uncoveredSection = "uncovered-section"
  case softNotFound = "soft-not-found"
  case noindexPage = "noindex-page"
  case canonicalCopy = "canonical-copy"
  case needsJavaScript = "needs-javascript"
  case unreadableTarget = "unreadable-target"
  case stale
  case markdownTwin = "markdown-twin"

  /// The usual severity of a finding; a check may report another one.
  package var severity: Finding.Severity {
    switch self {
    case .missingFile, .notText, .emptyFile, .notUTF8, .byteOrderMark, .tooLarge, .missingTitle, .titleAlone,
      .lostSummary, .fencedHeading, .noSections, .noLinks, .emptyHeading, .duplicateSection, .headingInSection,
      .textInSection, .commentInSection, .codeInSection, .bareURL, .referenceLink, .underlinedHeading, .bullet,
      .decoratedLink, .bracketInTitle,
      .parenthesisInURL, .emptyTitle, .unreadableLine, .invalidURL, .deadLink,
      .softNotFound, .robotsConflict:
      .error
    case .headingSpace, .longSummary, .indentedLink, .unbalancedBrackets, .trackingParameters, .manyLinks,
      .descriptionIsTitle,
      .longDescription, .mixedPeriods, .nameSuffix, .refusedLink, .markdownTwin:
      .notice
    default: .warning
    }
  }

  /// Whether the rule applies to single links. Its cost in the score then depends on the share of links that break it.
  var appliesToLinks: Bool {
    switch self {
    case .invalidURL, .relativeLink, .insecureLink, .duplicateLink, .privateLink, .fileLink, .systemPage,
      .trackingParameters, .cutDescription, .emptyPhrase, .slugDescription, .descriptionIsTitle, .longDescription,
      .deadLink, .refusedLink, .redirectedLink, .robotsConflict, .softNotFound, .noindexPage, .canonicalCopy,
      .needsJavaScript, .unreadableTarget, .indentedLink,
      .unbalancedBrackets, .descriptionSeparator, .titleSuffix:
      true
    default: false
    }
  }
}
