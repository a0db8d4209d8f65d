package import Accounts
import Contract
package import Web

/// What a caller asks of `POST /analyze` for a site, decoded into values that cannot be wrong.
package struct AnalyzeRequest: Sendable, Decodable {
  package var url: NormalizedURL
  package var email: Email?
  /// 1 to 200.
  package var maxPages: Int
  /// Patterns that a page's path must match, any of them; all pages where there are none.
  package var include: [Glob]
  package var exclude: [Glob]
  /// A primary language, such as `de`; the home page's own where nil.
  package var language: String?
  /// Read again, even where a fresh report is at hand.
  package var force: Bool
  /// Whether a language model is to score and arrange the pages; as the account's plan has it where nil.
  package var model: Bool?
  /// What came of that, once the account was known.
  private(set) var usesModel = false
  /// Whether the answer is to be the report, rather than where it will be.
  package var waits: Bool

  package static let maximumPages = 200

  package init(
    url: NormalizedURL, email: Email? = nil, maxPages: Int = maximumPages, include: [Glob] = [], exclude: [Glob] = [],
    language: String? = nil, force: Bool = false, model: Bool? = nil, waits: Bool = true
  ) {
    self.url = url
    self.email = email
    self.maxPages = maxPages
    self.include = include
    self.exclude = exclude
    self.language = language
    self.force = force
    self.model = model
    self.waits = waits
  }

  enum CodingKeys: String, CodingKey {
    case url, email, maxPages, include, exclude, language, force, model, wait
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    url = try AnalyzeRequest.url(in: decoder)
    email = try container.decodeIfPresent(Email.self, forKey: .email)
    maxPages = try container.decodeIfPresent(Int.self, forKey: .maxPages) ?? Self.maximumPages
    guard (1...Self.maximumPages).contains(maxPages) else {
      throw Failure.invalidField("maxPages", "maxPages must be from 1 to \(Self.maximumPages)")
    }
    include = try AnalyzeRequest.globs(in: container, .include)
    exclude = try AnalyzeRequest.globs(in: container, .exclude)
    force = try container.decodeIfPresent(Bool.self, forKey: .force) ?? false
    model = try container.decodeIfPresent(Bool.self, forKey: .model)
    waits = try container.decodeIfPresent(Bool.self, forKey: .wait) ?? true
    language = try container.decodeIfPresent(String.self, forKey: .language)?.lowercased()
    if let language, !(2...3).contains(language.utf8.count) || !language.utf8.allSatisfy({ (0x61...0x7a).contains($0) })
    {
      throw Failure.invalidField("language", "language must be a primary language of two or three letters, such as en")
    }
  }

  /// The `url` of a body, as a person types it.
  package static func url(in decoder: any Decoder) throws -> NormalizedURL {
    let text = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .url)
    do {
      return try NormalizedURL(typed: text)
    } catch {
      throw Failure.invalidField("url", "the url cannot be read: \(error.rawValue)")
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

  /// The same request, with what the account's plan has decided.
  ///
  /// - Throws: `payment_required` where a model is asked for that the plan does not have.
  func decided(for account: Account) throws(Failure) -> AnalyzeRequest {
    // The operator's own money is spent on request only.
    let mayUse = account.plan.hasModelScoring || account.kind == .operator
    guard mayUse || model != true else {
      throw Failure(
        .paymentRequired,
        "a model scores pages from the plan Coffee on: GET /checkout; without \"model\": true the analysis is free",
        details: ["field": "model"])
    }
    var decided = self
    decided.usesModel = model ?? account.plan.hasModelScoring
    return decided
  }

  /// What tells this request's report from another's of the same account and URL.
  package var optionsKey: String {
    let options = [
      [String(maxPages), language ?? ""] + (usesModel ? ["model"] : []), include.map(\.pattern), exclude.map(\.pattern),
    ]
    // Strings in arrays can always be written.
    return (try? JSON.encode(options)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}

extension NormalizedURL {
  /// Reads what a person types: without a scheme, https is meant, or http for this machine.
  package init(typed text: String) throws(Rejection) {
    if text.contains("://") || text.hasPrefix("//") {
      try self.init(text)
      return
    }
    let isLocal = text.hasPrefix("localhost") || text.hasPrefix("127.") || text.hasPrefix("[::1]")
    do throws(Rejection) {
      try self.init((isLocal ? "http://" : "https://") + text)
    } catch {
      throw .notAbsolute
    }
    // A word without a dot is more likely a mistake than a host.
    guard isLocal || host.contains(".") || host.hasPrefix("[") else { throw .notAbsolute }
  }
}
