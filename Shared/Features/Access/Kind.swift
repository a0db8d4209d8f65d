package import Accounts
package import Contract
package import FoundationEssentials

/// One kind of work that a route can do, such as `thread` of `POST /generate`.
///
/// A kind is a value: a name, a request type, the meter that it uses, and a handler.
///
/// ```swift
/// let note = Kind("note", NoteRequest.self) { request, call in
///   Work(mediaType: "text/plain; charset=utf-8", text: request.text)
/// }
/// ```
/// A function lists its kinds; nothing else in the program knows them by name.
package struct Kind: Sendable {
  package typealias Perform = @Sendable (Call) async throws -> Work

  package let name: String
  /// The meter that one piece of work takes 1 from; nil if the kind is free, or its handler counts by itself.
  package let meter: Meter?
  /// False for work that stores nothing; then an `Idempotency-Key` is ignored.
  package let isIdempotent: Bool
  let decode: @Sendable (any Decoder) throws -> Perform

  package init<Input: Decodable & Sendable>(
    _ name: String, _ input: Input.Type, meter: Meter? = nil, isIdempotent: Bool = true,
    perform: @escaping @Sendable (Input, Call) async throws -> Work
  ) {
    self.name = name
    self.meter = meter
    self.isIdempotent = isIdempotent
    decode = { decoder in
      let input = try Input(from: decoder)
      return { call in try await perform(input, call) }
    }
  }
}

/// The result of a kind's handler.
package struct Work: Sendable {
  package var mediaType: String
  package var bytes: [UInt8]
  /// The analysis that the work was made from; nil if it was made from something else.
  package var source: UUID?
  /// The work as it would be without the edits that were merged into it; nil if nothing was merged. It is stored with a
  /// document, so that the next version can be merged, too.
  package var base: String?
  /// 202 if the work was queued, else 200.
  package var status: Int
  /// Headers for the response, such as the remaining quota; names in lower case.
  package var headers: [String: String]

  package init(
    mediaType: String, bytes: [UInt8], source: UUID? = nil, base: String? = nil, status: Int = 200,
    headers: [String: String] = [:]
  ) {
    self.mediaType = mediaType
    self.bytes = bytes
    self.source = source
    self.base = base
    self.status = status
    self.headers = headers
  }

  package init(
    mediaType: String, text: String, source: UUID? = nil, base: String? = nil, headers: [String: String] = [:]
  ) {
    self.init(mediaType: mediaType, bytes: Array(text.utf8), source: source, base: base, headers: headers)
  }

  package static func json(_ value: some Encodable, status: Int = 200, headers: [String: String] = [:]) throws -> Work {
    Work(mediaType: "application/json; charset=utf-8", bytes: try JSON.encode(value), status: status, headers: headers)
  }

  /// The work as a response, for a route that stores nothing.
  package var response: Response {
    Response(
      status: status, headers: headers.merging(["content-type": mediaType]) { _, own in own }, body: .bytes(bytes))
  }
}
