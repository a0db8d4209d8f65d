import FoundationEssentials

/// An issuer's public RSA keys, decoded from its JSON Web Key Set (RFC 7517, section 5). They verify RS256 signatures.
package struct JSONWebKeySet: Sendable, Equatable {
  /// The maximum size of the JSON, in bytes.
  package static let maximumBytes = 64 << 10
  /// The maximum number of keys of all types.
  package static let maximumKeys = 50

  /// The reason why a text is not accepted as a key set.
  package enum Rejection: Error, Equatable {
    case tooLong
    case malformed
    case tooManyKeys
  }

  private let keys: [Key]

  private struct Key: Equatable {
    let id: String?
    let key: RSAPublicKey

    init?(_ wire: Wire.Member) {
      guard wire.kty == "RSA", (wire.use ?? "sig") == "sig", (wire.alg ?? "RS256") == "RS256",
        (wire.key_ops ?? ["verify"]).contains("verify"),
        let modulus = Base64URL.decode(wire.n.utf8), let exponent = Base64URL.decode(wire.e.utf8),
        let key = RSAPublicKey(modulus: modulus, exponent: exponent)
      else { return nil }
      id = wire.kid
      self.key = key
    }
  }

  /// Decodes a key set.
  ///
  /// Skips malformed keys and keys of another type, use or algorithm (RFC 7517, section 5).
  ///
  /// - Parameter json: the issuer's response body.
  package init(_ json: [UInt8]) throws(Rejection) {
    guard json.count <= Self.maximumBytes else { throw .tooLong }
    guard let set = JSONWebToken.decode(Wire.Set.self, from: json) else { throw .malformed }
    guard set.keys.count <= Self.maximumKeys else { throw .tooManyKeys }
    keys = set.keys.compactMap { $0.key.flatMap(Key.init) }
  }

  /// Whether the set has no usable key.
  package var isEmpty: Bool { keys.isEmpty }

  /// Whether the set has a usable key with this `kid`.
  package func hasKey(_ id: String) -> Bool { !candidates(id).isEmpty }

  /// The keys that may have signed a token with this `kid`: the keys with that id, or all keys if `id` is nil.
  func candidates(_ id: String?) -> [RSAPublicKey] {
    guard let id else { return keys.map(\.key) }
    // Compare bytes (RFC 7517, section 4.5), because `==` on strings also matches different but equivalent Unicode.
    return keys.filter { $0.id.map { $0.utf8.elementsEqual(id.utf8) } == true }.map(\.key)
  }
}

extension JSONWebKeySet {
  private enum Wire {
    struct Set: Decodable {
      let keys: [Lenient]
    }

    /// One key; `key` is nil if it cannot be decoded, so that one bad key does not fail the whole set.
    struct Lenient: Decodable {
      let key: Member?
      init(from decoder: any Decoder) throws { key = try? Member(from: decoder) }
    }

    /// The members of a JSON Web Key (RFC 7517, section 4) and of an RSA key (RFC 7518, section 6.3.1).
    struct Member: Decodable {
      let kty: String
      let kid: String?
      let use: String?
      let alg: String?
      // swift-format-ignore: AlwaysUseLowerCamelCase
      let key_ops: [String]?
      let n: String
      let e: String
    }
  }
}
