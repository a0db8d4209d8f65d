package import Access
package import Accounts
package import Contract
package import FoundationEssentials
import Metering
package import Postgres

/// Generates, stores and serves documents: the routes of the function `generate`.
///
/// The kinds of documents are passed in; this feature refers to none of them by name. For each kind it stores the
/// document with its media type, meters it, counts it in the usage history as `documents_` and the kind, returns it
/// again for a repeated idempotency key, and exports and erases it with the account's personal data.
package struct Documents: Sendable {
  private let access: Access
  private let store: DocumentStore

  /// - Parameter notifies: true to notify the operator's endpoints of each new document.
  package init(_ access: Access, notifies: Bool = false) {
    self.access = access
    store = DocumentStore(access, notifies: notifies)
  }

  // MARK: Routes

  /// `POST /generate`: generates a document of one of the kinds and stores it.
  ///
  /// - Parameter defaultKind: the name of the kind that a body without `kind` requests.
  package func generate(default defaultKind: String, _ kinds: [Kind]) -> Operation {
    access.post(
      "/generate", .generate, default: defaultKind, kinds: kinds,
      repeated: { id, call in Response.json(Answer(try document(id, call)), status: 201) },
      deliver: { kind, call, perform in
        guard let meter = kind.meter else { return try await deliver(kind, call, perform) }
        let (response, quota) = try await MeterUses(access, meter).metered(call) { use in
          try await deliver(kind, call, perform) { try use.settle(in: &$0) }
        }
        return response.adding(quota?.headers ?? [:])
      })
  }

  private func deliver(
    _ kind: Kind, _ call: Call, _ perform: Kind.Perform,
    settle: (inout Transaction) throws -> Void = { _ in }
  ) async throws -> Response {
    let work = try await perform(call)
    let document = try store.save(kind: kind.name, work, of: call.account, by: call.deadline.instant) {
      id, transaction in
      try settle(&transaction)
      Metering.count("documents_\(kind.name)", of: call.account, in: &transaction)
      if let ticket = call.ticket { try IdempotencyKeys.finish(ticket, resource: id.uuidString, in: &transaction) }
    }
    return Response.json(Answer(document), status: 201).adding(work.headers)
  }

  /// `GET /generate/{id}`: a document with its metadata, as JSON.
  package var readDocument: Operation {
    access.get("/generate/{id}", .read) { call in .json(Answer(try document(call.parameter("id"), call))) }
  }

  /// `GET /generate/{id}/content`: only the content, with its media type and an ETag; 304 if the client has it already.
  package var readContent: Operation {
    access.get("/generate/{id}/content", .read) { call in
      let document = try document(call.parameter("id"), call)
      let tag = "\"\(document.documentID.text)\""
      let accepted = call.request.event.headers["if-none-match"]?.split(separator: ",") ?? []
      if accepted.map({ $0.filter { $0 != " " } }).contains(where: { $0 == tag || $0 == "W/" + tag || $0 == "*" }) {
        return Response(status: 304, headers: ["etag": tag])
      }
      return Response.text(document.content, mediaType: document.mediaType).adding(["etag": tag])
    }
  }

  /// Finds a document that the caller may read.
  ///
  /// - Throws: `not_found`, also for a malformed id and a document of another account.
  private func document(_ id: String?, _ call: Call) throws -> Document {
    guard let id = id.flatMap(UUID.init(uuidString:)),
      let found = try store.find(id, for: call.account, by: call.deadline.instant)
    else { throw Failure(.notFound, "no document has this id; generate one with POST /generate") }
    return found
  }

  // MARK: For other features

  /// The text of a document, and the version of it without merged edits.
  package struct Version: Sendable, Decodable {
    package let text: String
    package let base: String
  }

  /// Returns the texts of an account's documents of one kind that were generated from the given analyses, the newest
  /// first.
  ///
  /// - Parameters:
  ///   - sources: the ids of the analyses.
  ///   - limit: the maximum number of documents.
  package static func versions(
    kind: String, from sources: [UUID], of account: Account, limit: Int, _ database: Database,
    by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> [Version] {
    if sources.isEmpty { return [] }
    return try database.rows(
      """
      SELECT content AS text, coalesce(base, content) AS base FROM documents
      WHERE account_id = \(account.id) AND kind = \(kind)
        AND report_id = ANY (string_to_array(\(sources.map(\.text).joined(separator: " ")), ' ')::uuid[])
      ORDER BY created_at DESC LIMIT \(limit)
      """, as: Version.self, by: deadline)
  }

  /// A document as the routes return it.
  private struct Answer: Encodable {
    let id: String
    let kind: String
    let content: String
    let mediaType: String
    let analysisId: String?
    let createdAt: Date

    init(_ document: Document) {
      id = document.documentID.text
      kind = document.kind
      content = document.content
      mediaType = document.mediaType
      analysisId = document.source?.text
      createdAt = document.createdAt
    }
  }
}
