import FoundationEssentials

/// An HTTP request: the fields of an API Gateway HTTP API event, payload version 2.0, that functions use.
package struct Event: Sendable, Equatable {
  package var method: String
  /// As the client sent it, still percent-encoded.
  package var rawPath: String
  package var rawQueryString: String
  /// Names in lower case.
  package var headers: [String: String]
  package var body: [UInt8]
  /// The client's IP address as the gateway reports it.
  package var sourceIP: String?
  package var requestID: String
  /// True if the event came as a bare body on stdin or in an SQS message; only the operator can send those. Never true
  /// for an HTTP request.
  package var isOperator: Bool

  package init(
    method: String, rawPath: String, rawQueryString: String = "", headers: [String: String] = [:],
    body: [UInt8] = [], sourceIP: String? = nil, requestID: String = Event.makeRequestID(), isOperator: Bool = false
  ) {
    self.method = method
    self.rawPath = rawPath
    self.rawQueryString = rawQueryString
    self.headers = headers
    self.body = body
    self.sourceIP = sourceIP
    self.requestID = requestID
    self.isOperator = isOperator
  }

  package static func makeRequestID() -> String { UUID().uuidString.lowercased() }

  /// The first value of a query parameter, decoded, or nil.
  package func query(_ name: String) -> String? {
    for pair in rawQueryString.split(separator: "&") {
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if Event.formDecoded(halves[0]) == name { return halves.count > 1 ? Event.formDecoded(halves[1]) : "" }
    }
    return nil
  }

  private static func formDecoded(_ text: Substring) -> String? {
    text.replacing("+", with: " ").percentDecoded
  }
}

extension Event: Decodable {
  /// Decodes a version 2.0 event. Only `requestContext.http.method` and `rawPath` are required.
  package init(from decoder: any Decoder) throws {
    let wire = try Wire(from: decoder)
    method = wire.requestContext.http.method.uppercased()
    rawPath = wire.rawPath
    rawQueryString = wire.rawQueryString ?? ""
    headers = [:]
    for (name, value) in wire.headers ?? [:] { headers[name.lowercased()] = value }
    sourceIP = wire.requestContext.http.sourceIp
    requestID = Event.safeRequestID(wire.requestContext.requestId) ?? Event.makeRequestID()
    isOperator = false
    if wire.isBase64Encoded ?? false {
      guard let data = Data(base64Encoded: wire.body ?? "") else {
        throw Failure.invalidField("body", "isBase64Encoded is true, but body is not valid base64")
      }
      body = Array(data)
    } else {
      body = Array((wire.body ?? "").utf8)
    }
  }

  /// A request id is copied to headers and logs, so an id with control characters or spaces is replaced.
  private static func safeRequestID(_ id: String?) -> String? {
    guard let id, !id.isEmpty, id.utf8.count <= 128, id.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      return nil
    }
    return id
  }

  private struct Wire: Decodable {
    struct Context: Decodable {
      struct HTTP: Decodable {
        let method: String
        let sourceIp: String?
      }
      let http: HTTP
      let requestId: String?
    }
    let requestContext: Context
    let rawPath: String
    let rawQueryString: String?
    let headers: [String: String]?
    let body: String?
    let isBase64Encoded: Bool?
  }
}

extension Event: Encodable {
  /// Encodes the event in API Gateway's form, without the fields that are not stored.
  package func encode(to encoder: any Encoder) throws {
    var root = encoder.container(keyedBy: Key.self)
    try root.encode("2.0", forKey: "version")
    try root.encode("$default", forKey: "routeKey")
    try root.encode(rawPath, forKey: "rawPath")
    try root.encode(rawQueryString, forKey: "rawQueryString")
    try root.encode(headers, forKey: "headers")
    if let text = String(validating: body, as: UTF8.self) {
      if !body.isEmpty { try root.encode(text, forKey: "body") }
      try root.encode(false, forKey: "isBase64Encoded")
    } else {
      try root.encode(Data(body).base64EncodedString(), forKey: "body")
      try root.encode(true, forKey: "isBase64Encoded")
    }
    var context = root.nestedContainer(keyedBy: Key.self, forKey: "requestContext")
    try context.encode(requestID, forKey: "requestId")
    var http = context.nestedContainer(keyedBy: Key.self, forKey: "http")
    try http.encode(method, forKey: "method")
    try http.encode(rawPath.percentDecoded ?? rawPath, forKey: "path")
    try http.encode("HTTP/1.1", forKey: "protocol")
    try http.encodeIfPresent(sourceIP, forKey: "sourceIp")
    try http.encodeIfPresent(headers["user-agent"], forKey: "userAgent")
  }

  private struct Key: CodingKey, ExpressibleByStringLiteral {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringLiteral value: String) { stringValue = value }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
