import Access
package import Accounts
import Contract
package import Crawling
package import Web

/// The body of `POST /analyze` for a site.
package struct AnalyzeRequest: CallerInput {
  /// The URL of the site: `baseUrl` if that is given.
  package var url: NormalizedURL
  /// The address of the copy that is fetched; `nil` if the site is fetched from ``url``.
  package var publicAddress: PublicAddress?
  package var email: Email?
  /// The maximum number of pages to fetch, from 1 to 200.
  package var maxPages: Int
  /// Patterns for paths. A page must match at least one of them; an empty list includes all pages.
  package var include: [Glob]
  /// Patterns for paths of pages to skip.
  package var exclude: [Glob]
  /// A primary language subtag, such as `de`; `nil` for the language of the home page.
  package var language: String?
  /// Whether to analyze the site even if there is a fresh report.
  package var force: Bool
  /// Whether a language model scores the pages; `nil` for the default of the account's plan.
  package var model: Bool?
  /// Whether a language model scores the pages, as decided by ``resolved(for:)``.
  private(set) var usesModel = false
  /// The text to use as the site's llms.txt instead of the published file, such as an edited copy; `nil` to fetch it.
  package var existing: String?
  /// Whether the response waits for the report. Otherwise the analysis is queued.
  package var waits: Bool
  /// Whether requests carry ``SiteHeaders``. The report is then not returned to later requests.
  var sendsHeaders = false

  package static let maximumPages = 200

  package init(
    url: NormalizedURL, email: Email? = nil, maxPages: Int = maximumPages, include: [Glob] = [], exclude: [Glob] = [],
    language: String? = nil, force: Bool = false, model: Bool? = nil, existing: String? = nil, waits: Bool = true
  ) {
    self.url = url
    self.email = email
    self.maxPages = maxPages
    self.include = include
    self.exclude = exclude
    self.language = language
    self.force = force
    self.model = model
    self.existing = existing
    self.waits = waits
  }

  enum CodingKeys: String, CodingKey {
    case url, baseUrl, email, maxPages, include, exclude, language, force, model, existing, wait
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    url = try container.decodeTypedURL(forKey: .url)
    if container.contains(.baseUrl) {
      let address = PublicAddress(try container.decodeTypedURL(forKey: .baseUrl), source: url)
      (url, publicAddress) = (address.base, address)
    }
    email = try container.decodeIfPresent(Email.self, forKey: .email)
    maxPages = try container.decodeIfPresent(Int.self, forKey: .maxPages) ?? Self.maximumPages
    guard (1...Self.maximumPages).contains(maxPages) else {
      throw Failure.invalidField("maxPages", "maxPages must be from 1 to \(Self.maximumPages)")
    }
    include = try Self.globs(in: container, .include)
    exclude = try Self.globs(in: container, .exclude)
    force = try container.decodeIfPresent(Bool.self, forKey: .force) ?? false
    model = try container.decodeIfPresent(Bool.self, forKey: .model)
    existing = try container.decodeIfPresent(String.self, forKey: .existing)
    guard existing?.utf8.count ?? 0 <= ExistingFileReader.maximumBytes else {
      throw Failure.invalidField(
        "existing", "existing must have at most \(ExistingFileReader.maximumBytes) bytes; send a shorter llms.txt")
    }
    waits = try container.decodeIfPresent(Bool.self, forKey: .wait) ?? true
    language = try container.decodeIfPresent(String.self, forKey: .language)?.lowercased()
    if let language, !(2...3).contains(language.utf8.count) || !language.utf8.allSatisfy({ (0x61...0x7a).contains($0) })
    {
      throw Failure.invalidField("language", "language must be a primary language of two or three letters, such as en")
    }
  }

  private static func globs(in container: KeyedDecodingContainer<CodingKeys>, _ key: CodingKeys) throws -> [Glob] {
    let patterns = try container.decodeIfPresent([String].self, forKey: key) ?? []
    let isPattern = { (text: String) in
      (1...200).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }
    }
    guard patterns.count <= 50, patterns.allSatisfy(isPattern) else {
      throw Failure.invalidField(
        key.rawValue, "\(key.rawValue) takes up to 50 patterns of 1 to 200 characters without spaces, such as /docs/**")
    }
    return patterns.map(Glob.init)
  }

  /// Returns the request with ``usesModel`` decided by the request and the account's plan.
  ///
  /// - Throws: `payment_required` if the request asks for a model and the plan does not include it.
  func resolved(for account: Account) throws(Failure) -> AnalyzeRequest {
    // The operator pays for the model, so its default is an analysis without one.
    let mayUse = account.plan.hasModelScoring || account.kind == .operator
    guard mayUse || model != true else {
      throw Failure(
        .paymentRequired,
        "model scoring needs the Coffee plan or higher (see GET /checkout); omit \"model\" for a free analysis",
        details: ["field": "model"])
    }
    var resolved = self
    resolved.usesModel = model ?? account.plan.hasModelScoring
    return resolved
  }

  /// The crawl that the request asks for.
  var crawlRequest: CrawlRequest {
    CrawlRequest(url: url, maxPages: maxPages, include: include, exclude: exclude, language: language)
  }

  /// Identifies the options of the request. Requests of an account for the same URL and with equal keys share a report.
  package var optionsKey: String {
    let options =
      [
        [String(maxPages), language ?? ""] + (usesModel ? ["model"] : []), include.map(\.pattern),
        exclude.map(\.pattern),
      ]
      + (publicAddress.map { [[$0.source.description]] } ?? []) + (sendsHeaders ? [["headers"]] : [])
      + (existing.map { [[$0]] } ?? [])
    // Encoding arrays of strings cannot fail.
    return (try? JSON.encode(options)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
