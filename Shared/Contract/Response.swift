import FoundationEssentials

/// What a function answers: API Gateway's HTTP API response, payload version 2.0.
///
/// Written as one line of JSON:
/// `{"body":"…","cookies":[],"headers":{…},"isBase64Encoded":false,"statusCode":200}`.
package struct Response: Sendable, Equatable {
  package var status: Int
  /// Names in lower case.
  package var headers: [String: String]
  package var body: [UInt8]
  package var cookies: [String]

  package init(status: Int, headers: [String: String] = [:], body: [UInt8] = [], cookies: [String] = []) {
    self.status = status
    self.headers = headers
    self.body = body
    self.cookies = cookies
  }

  package static func json(_ value: some Encodable, status: Int = 200) -> Response {
    // Encoding can fail only for values that no response has: numbers that are not finite, keys that are not strings.
    let body = (try? JSON.encode(value)) ?? Array(#"{"error":{"code":"internal"}}"#.utf8)
    return Response(status: status, headers: ["content-type": "application/json; charset=utf-8"], body: body)
  }

  package static func text(_ text: String, mediaType: String, status: Int = 200) -> Response {
    Response(status: status, headers: ["content-type": mediaType], body: Array(text.utf8))
  }
}

extension Response: Codable {
  private enum CodingKeys: String, CodingKey {
    case statusCode, headers, body, isBase64Encoded, cookies
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(status, forKey: .statusCode)
    try container.encode(headers, forKey: .headers)
    if let text = String(validating: body, as: UTF8.self) {
      try container.encode(text, forKey: .body)
      try container.encode(false, forKey: .isBase64Encoded)
    } else {
      try container.encode(Data(body).base64EncodedString(), forKey: .body)
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
      body = Array(data)
    } else {
      body = Array(text.utf8)
    }
  }
}
