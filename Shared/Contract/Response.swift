import FoundationEssentials

/// The response of a function: API Gateway's HTTP API response, payload version 2.0.
///
/// It is written as one line of JSON:
/// `{"body":"…","cookies":[],"headers":{…},"isBase64Encoded":false,"statusCode":200}`.
package struct Response: Sendable, Equatable {
  package var status: Int
  /// Names in lower case.
  package var headers: [String: String]
  package var body: Body
  package var cookies: [String]

  package init(status: Int, headers: [String: String] = [:], body: Body = .bytes([]), cookies: [String] = []) {
    self.status = status
    self.headers = headers
    self.body = body
    self.cookies = cookies
  }

  package init(status: Int, headers: [String: String] = [:], bytes: [UInt8]) {
    self.init(status: status, headers: headers, body: .bytes(bytes))
  }

  /// A response with a JSON body.
  package static func json(_ value: some Encodable, status: Int = 200) -> Response {
    // Encoding fails only for numbers that are not finite and keys that are not strings; no response has them.
    let body = (try? JSON.encode(value)) ?? Array(#"{"error":{"code":"internal"}}"#.utf8)
    return Response(status: status, headers: ["content-type": "application/json; charset=utf-8"], body: .bytes(body))
  }

  /// The same response with further headers; headers that it has already are replaced.
  package func adding(_ headers: [String: String]) -> Response {
    var response = self
    response.headers.merge(headers) { $1 }
    return response
  }

  /// A response with a text body.
  package static func text(_ text: String, mediaType: String, status: Int = 200) -> Response {
    Response(status: status, headers: ["content-type": mediaType], body: .bytes(Array(text.utf8)))
  }
}

extension Response {
  /// A response body: all its bytes, or a sequence of pieces that are produced while the response is sent.
  ///
  /// ```swift
  /// Response(status: 200, body: .stream(AsyncThrowingStream { … }))
  /// ```
  package enum Body: Sendable, Equatable {
    case bytes([UInt8])
    case stream(any AsyncSequence<[UInt8], any Error> & Sendable)

    /// Two bodies are equal if they have the same bytes. A stream is not equal to anything.
    package static func == (a: Body, b: Body) -> Bool {
      if case (.bytes(let a), .bytes(let b)) = (a, b) { a == b } else { false }
    }
  }

  /// The bytes of a body that is not a stream; empty for a stream, which ``buffered()`` collects first.
  package var bytes: [UInt8] {
    if case .bytes(let bytes) = body { bytes } else { [] }
  }

  /// The same response with a streamed body collected into bytes, for an invocation that cannot stream.
  ///
  /// - Throws: the error that ends the stream.
  package func buffered() async throws -> Response {
    guard case .stream(let pieces) = body else { return self }
    var bytes: [UInt8] = []
    for try await piece in pieces { bytes += piece }
    var response = self
    response.body = .bytes(bytes)
    return response
  }
}

extension Response: Codable {
  private enum CodingKeys: String, CodingKey {
    case statusCode, headers, body, isBase64Encoded, cookies
  }

  /// Writes the response in API Gateway's form.
  ///
  /// - Throws: `EncodingError` for a streamed body, which must be collected with ``buffered()`` first.
  package func encode(to encoder: any Encoder) throws {
    guard case .bytes(let bytes) = body else {
      throw EncodingError.invalidValue(
        status, .init(codingPath: encoder.codingPath, debugDescription: "a streamed body must be buffered first"))
    }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(status, forKey: .statusCode)
    try container.encode(headers, forKey: .headers)
    if let text = String(validating: bytes, as: UTF8.self) {
      try container.encode(text, forKey: .body)
      try container.encode(false, forKey: .isBase64Encoded)
    } else {
      try container.encode(Data(bytes).base64EncodedString(), forKey: .body)
      try container.encode(true, forKey: .isBase64Encoded)
    }
    try container.encode(cookies, forKey: .cookies)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    status = try container.decode(Int.self, forKey: .statusCode)
    headers = try container.decodeIfPresent([String: String].self, forKey: .headers) ?? [:]
    cookies = try container.decodeIfPresent([String].self, forKey: .cookies) ?? []
    let text = try container.decodeIfPresent(String.self, forKey: .body) ?? ""
    if try container.decodeIfPresent(Bool.self, forKey: .isBase64Encoded) ?? false {
      guard let data = Data(base64Encoded: text) else {
        throw DecodingError.dataCorruptedError(forKey: .body, in: container, debugDescription: "body is not base64")
      }
      body = .bytes(Array(data))
    } else {
      body = .bytes(Array(text.utf8))
    }
  }
}
