package import FoundationEssentials

/// A token in compact form (RFC 7519; RFC 7515, section 3.1) whose signature and claims were verified: there is no
/// other.
///
/// It is verified as RFC 8725 advises: one algorithm, which the header can only confirm (3.1); keys only from a set
/// that was
/// configured, never from the header (3.10); the issuer, audience and times always (3.8, 3.9).
package struct JSONWebToken: Sendable {
  /// The longest token that is read, in bytes.
  package static let maximumBytes = 8 << 10
  /// How far the issuer's clock may be off, in seconds.
  package static let leeway = 60.0

  /// Whom it is of: `sub`, unique to the issuer, and never empty.
  package let subject: String
  private let payload: [UInt8]

  /// Reads a token, or says why it must not be believed.
  ///
  /// - Parameters:
  ///   - text: without `Bearer` before it.
  ///   - issuer: what `iss` must be, byte for byte.
  ///   - audience: what `aud` must be or hold, byte for byte.
  package init(
    verifying text: String, keys: JSONWebKeySet, issuer: String, audience: String, at now: Date
  ) throws(TokenRejection) {
    let parts = try Parts(text)
    let candidates = keys.candidates(parts.header.kid)
    if candidates.isEmpty { throw .unknownKey }
    guard candidates.contains(where: { $0.isSignature(parts.signature, of: parts.signed) }) else {
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

  /// The name of the key with which a token says it is signed, nothing of it verified; nil where it does not say.
  ///
  /// - Throws: what anybody can tell without a key: a token that no key set would help.
  package static func keyID(unverified text: String) throws(TokenRejection) -> String? { try Parts(text).header.kid }

  /// Whether a credential has the look of a token: three parts with full stops between them.
  package static func isLike(_ text: some StringProtocol) -> Bool { text.utf8.count { $0 == UInt8(ascii: ".") } == 2 }

  /// Other claims than those that were verified, as their type reads them.
  ///
  /// - Returns: nil where one of them is not what it should be.
  package func claims<Claims: Decodable>(_ type: Claims.Type) -> Claims? { Self.decode(type, from: payload) }

  /// nil for whatever is not of this type, or no JSON in UTF-8.
  static func decode<Value: Decodable>(_ type: Value.Type, from json: [UInt8]) -> Value? {
    // A NUL byte would make the decoder take the text for UTF-16; JSON in UTF-8 never has one.
    guard !json.contains(0), String(validating: json, as: UTF8.self) != nil else { return nil }
    return try? JSONDecoder().decode(type, from: Data(json))
  }
}

extension JSONWebToken {
  /// What stands between the full stops, so far as no key is needed to judge it.
  private struct Parts {
    let header: Header
    let payload: [UInt8]
    let signature: [UInt8]
    /// What the signature is of (RFC 7515, section 5.1): the text of the first two parts.
    let signed: [UInt8]

    init(_ text: String) throws(TokenRejection) {
      let text = Array(text.utf8)
      guard text.count <= JSONWebToken.maximumBytes else { throw .tooLong }
      let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      guard parts.count == 3, let json = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
        let signature = Base64URL.decode(parts[2]), let header = JSONWebToken.decode(Header.self, from: json)
      else { throw .malformed }
      guard header.isRS256 else { throw .algorithm }
      guard !header.hasCritical else { throw .criticalExtension }
      self.header = header
      self.payload = payload
      self.signature = signature
      signed = Array(text[..<parts[1].endIndex])
    }
  }

  /// Whatever else a header holds (`jwk`, `jku`, `x5u`, …) is not looked at: it would let the sender choose the key.
  private struct Header: Decodable {
    let isRS256: Bool
    let kid: String?
    /// `crit` is there, whatever it holds: no extension is known here, and an empty list is not allowed (RFC 7515,
    /// section 4.1.11).
    let hasCritical: Bool

    enum CodingKeys: String, CodingKey { case alg, kid, crit }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      isRS256 = try container.decode(String.self, forKey: .alg).utf8.elementsEqual("RS256".utf8)
      kid = container.contains(.kid) ? try container.decode(String.self, forKey: .kid) : nil
      hasCritical = container.contains(.crit)
    }
  }

  /// RFC 7519, section 4.1. Times are seconds since 1970, which may have a fraction (section 2).
  private struct Claims: Decodable {
    let iss: String?
    let sub: String?
    let aud: Audience?
    let exp: Double?
    let nbf: Double?
  }

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
