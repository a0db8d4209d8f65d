import Accounts
package import Contract
import FoundationEssentials
import Metering
package import Postgres
package import SiteAnalysis
import Web

/// Writes documents from what analyses found, and keeps them.
package struct Documents: Sendable {
  package static let migrations = [
    Migration(3, "documents", sql: PackageResources.m0003_documents_sql),
    Migration(5, "llms_full_txt", sql: PackageResources.m0005_llms_full_txt_sql),
    Migration(34, "documents_of_a_report", sql: PackageResources.m0034_documents_of_a_report_sql),
  ]

  private let store: DocumentStore
  private let keys: IdempotencyKeys
  private let admission: Admission
  private let analysis: SiteAnalysis

  /// - Parameter isTold: whether the operator's endpoints are told of each document; where there are none, a row for
  ///   each would only pile up.
  package init(database: Database, analysis: SiteAnalysis, isTold: Bool = false) {
    store = DocumentStore(database: database, isTold: isTold)
    keys = IdempotencyKeys(database)
    admission = analysis.admission
    self.analysis = analysis
  }

  /// What analyses ask for, to know a file that they find on its site as one that was written here.
  package static func written(_ database: Database) -> SiteAnalysis.WrittenFiles {
    let store = DocumentStore(database: database, isTold: false)
    return { account, url, deadline in try store.written(of: url, for: account, by: deadline) }
  }

  /// `POST /generate`.
  package var writeDocument: Operation {
    admission.admit(
      .generate,
      .post("/generate", GenerateRequest.self) { input, request in
        let account = try analysis.account(for: request, email: input.email)
        let (document, quota) = try await keys.once(request, made: { try self.document($0, for: account, request) }) {
          ticket in
          try await write(input, for: account, request, ticket)
        }
        var response = Response.json(Answer(document), status: 201)
        response.headers.merge(quota?.headers ?? [:]) { own, _ in own }
        return response
      })
  }

  private func write(
    _ input: GenerateRequest, for account: Account, _ request: Request, _ ticket: IdempotencyKeys.Ticket?
  ) async throws -> (Document, Quota?) {
    let (source, quota): (StoredReport, Quota?) =
      switch input.source {
      case .analysis(let id): (try analysis.analysis(id, for: account, request), nil)
      case .site(let site): try await analysis.analyze(site, for: account, request) { _ = try Self.text(of: $0, input) }
      }
    let text = try Self.text(of: source.report, input)
    let content =
      switch input.kind {
      case .llmsText: text.rendered()
      case .llmsFullText:
        // Pages of others that the list names are theirs to publish.
        LLMSFullText(
          head: text,
          markdown: await analysis.markdown(
            of: LLMSFullText.addresses(of: text).filter { $0.isSameSite(as: source.report.url) }, request)
        ).rendered()
      }
    let document = try store.save(
      kind: input.kind.rawValue, mediaType: "text/plain; charset=utf-8", content: content, from: source.id, of: account,
      by: request.deadline.instant
    ) { id, transaction in
      Metering.count("documents_\(input.kind.rawValue)", of: account, in: &transaction)
      if let ticket { try IdempotencyKeys.finish(ticket, resource: id.uuidString, in: &transaction) }
    }
    return (document, quota)
  }

  /// - Throws: what says why there is nothing to link.
  private static func text(of report: SiteReport, _ input: GenerateRequest) throws(Failure) -> LLMSText {
    let text = LLMSTextComposer(report, input).compose()
    guard text.sections.contains(where: { !$0.links.isEmpty }) else {
      if input.sections != nil {
        throw .invalidField("sections", "none of the pages is one that the analysis read, or has a title")
      }
      if input.pages != nil { throw .invalidField("pages", "none of the pages is one that the analysis read") }
      throw Failure(
        .upstreamFailed,
        "the site has no page that is worth linking: \(report.metrics.fetched) read, none with text of its own",
        details: ["reason": "no_pages"])
    }
    return text
  }

  /// `GET /generate/{id}`.
  package var readDocument: Operation {
    admission.admit(
      .read, Operation("GET", "/generate/{id}") { request in Response.json(Answer(try document(request))) })
  }

  /// `GET /generate/{id}/content`: the bytes alone.
  package var readContent: Operation {
    admission.admit(
      .read,
      Operation("GET", "/generate/{id}/content") { request in
        let document = try document(request)
        let tag = "\"\(document.id.uuidString.lowercased())\""
        let wanted = request.event.headers["if-none-match"]?.split(separator: ",").map { $0.filter { $0 != " " } } ?? []
        if wanted.contains(where: { $0 == tag || $0 == "W/" + tag || $0 == "*" }) {
          return Response(status: 304, headers: ["etag": tag])
        }
        var response = Response.text(document.content, mediaType: document.mediaType)
        response.headers["etag"] = tag
        return response
      })
  }

  private func document(_ request: Request) throws -> Document {
    try document(request.parameters["id"], for: try analysis.account(for: request), request)
  }

  private func document(_ id: String?, for account: Account, _ request: Request) throws -> Document {
    guard let id = id.flatMap(UUID.init(uuidString:)),
      let found = try store.find(id, for: account, by: request.deadline.instant)
    else { throw Failure(.notFound, "there is no such document; POST /generate makes one") }
    return found
  }

  private struct Answer: Encodable {
    let id: String
    let kind: String
    let content: String
    let mediaType: String
    let analysisId: String
    let createdAt: Date

    init(_ document: Document) {
      id = document.id.uuidString.lowercased()
      kind = document.kind
      content = document.content
      mediaType = document.mediaType
      analysisId = document.analysisID.uuidString.lowercased()
      createdAt = document.createdAt
    }
  }
}
