package import FoundationEssentials

/// A verified JSON Web Token in compact form (RFC 7519; RFC 7515, section 3.1).
///
/// The only initializer verifies the signature and the claims, so an unverified value cannot exist. It follows
/// RFC 8725: it accepts only RS256 and rejects other algorithms in the header (section 3.1); it uses only configured
/// keys, never keys from the header (section 3.10); it always checks the issuer, audience and times (sections 3.8
/// and 3.9).
package struct JSONWebToken: Sendable {
  /// The maximum length of a token, in bytes.
  package static let maximumBytes = 8 << 10
  /// The tolerated difference between the issuer's clock and ours, in seconds.
  package static let leeway = 60.0

  /// The claim `sub`: the user's id, unique within the issuer, never empty.
  package let subject: String
  private let payload: [UInt8]

  /// Decodes and verifies a token.
  ///
  /// - Parameters:
  ///   - text: the token, without the prefix `Bearer`.
  ///   - issuer: the required value of `iss`, compared byte for byte.
  ///   - audience: the required value or element of `aud`, compared byte for byte.
  package init(
    verifying text: String, keys: JSONWebKeySet, issuer: String, audience: String, at now: Date
  ) throws(TokenRejection) {
    let parts = try Parts(text)
    let candidates = keys.candidates(parts.header.kid)
    if candidates.isEmpty { throw .unknownKey }
    guard candidates.contains(where: { $0.isValidSignature(parts.signature, of: parts.signed) }) else {
      throw .wrongSignature
    }

    guard let claims = Self.decode(Claims.self, from: parts.payload) else { throw .malformed }
    guard let iss = claims.iss, iss.utf8.elementsEqual(issuer.utf8) else { throw .wrongIssuer }
    guard let aud = claims.aud, aud.values.contains(where: { $0.utf8.elementsEqual(audience.utf8) }) else {
      throw .wrongAudience
    }
    guard let sub = claims.sub, !sub.isEmpty else { throw .noSubject }
    let time = now.timeIntervalSince1970
    guard let exp = claims.exp else { throw .noExpiry }
    if time >= exp + Self.leeway { throw .expired }
    if let nbf = claims.nbf, time < nbf - Self.leeway { throw .notYetValid }
    subject = sub
    payload = parts.payload
  }

  /// Returns the `kid` of a token without verifying the token, or nil if it has none.
  ///
  /// - Throws: if the token would be rejected with any key set: it is too long or malformed, or its algorithm or
  ///   `crit` is not supported.
  package static func keyID(unverified text: String) throws(TokenRejection) -> String? { try Parts(text).header.kid }

  /// Whether a credential has the form of a token: three parts separated by dots.
  package static func looksLikeToken(_ text: some StringProtocol) -> Bool {
    text.utf8.count { $0 == UInt8(ascii: ".") } == 2
  }

  /// Decodes further claims of the token.
  ///
  /// - Returns: nil if the claims cannot be decoded as this type.
  package func claims<Claims: Decodable>(_ type: Claims.Type) -> Claims? { Self.decode(type, from: payload) }

  /// Decodes JSON in UTF-8; returns nil if it is malformed or not of this type.
  static func decode<Value: Decodable>(_ type: Value.Type, from json: [UInt8]) -> Value? {
    // JSONDecoder would decode text with a NUL byte as UTF-16; JSON in UTF-8 never contains one.
    guard !json.contains(0), String(validating: json, as: UTF8.self) != nil else { return nil }
    return try? JSONDecoder().decode(type, from: Data(json))
  }
}

extension JSONWebToken {
  /// The decoded parts of a token, after the checks that need no key.
  private struct Parts {
    let header: Header
    let payload: [UInt8]
    let signature: [UInt8]
    /// The signed bytes: the first two parts and the dot between them (RFC 7515, section 5.1).
    let signed: [UInt8]

    init(_ text: String) throws(TokenRejection) {
      let text = Array(text.utf8)
      guard text.count <= JSONWebToken.maximumBytes else { throw .tooLong }
      let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      guard parts.count == 3, let json = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
        let signature = Base64URL.decode(parts[2]), let header = JSONWebToken.decode(Header.self, from: json)
      else { throw .malformed }
      guard header.isRS256 else { throw .unsupportedAlgorithm }
      guard !header.hasCritical else { throw .criticalExtension }
      self.header = header
      self.payload = payload
      self.signature = signature
      signed = Array(text[..<parts[1].endIndex])
    }
  }

  /// The header's members that are used. `jwk`, `jku`, `x5u` and others are ignored, because they would let the sender
  /// choose the key.
  private struct Header: Decodable {
    let isRS256: Bool
    let kid: String?
    /// Whether `crit` is present, with any value: no extension is supported, and RFC 7515, section 4.1.11, forbids an
    /// empty list.
    let hasCritical: Bool

    enum CodingKeys: String, CodingKey { case alg, kid, crit }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      isRS256 = try container.decode(String.self, forKey: .alg).utf8.elementsEqual("RS256".utf8)
      kid = container.contains(.kid) ? try container.decode(String.self, forKey: .kid) : nil
      hasCritical = container.contains(.crit)
    }
  }

  /// The registered claims (RFC 7519, section 4.1). Times are seconds since 1970, possibly with a fraction (section 2).
  private struct Claims: Decodable {
    let iss: String?
    let sub: String?
    let aud: Audience?
    let exp: Double?
    let nbf: Double?
  }

  /// The claim `aud`: one string or an array of strings (RFC 7519, section 4.1.3).
  private struct Audience: Decodable {
    let values: [String]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let one = try? container.decode(String.self) {
        values = [one]
      } else {
        values = try container.decode([String].self)
      }
    }
  }
}
