import FoundationEssentials

/// The public keys of an issuer (RFC 7517, section 5) with which RS256 can be verified.
package struct JSONWebKeySet: Sendable, Equatable {
  /// The largest text that is read, in bytes.
  package static let maximumBytes = 64 << 10
  /// The most keys, of any kind, that a set may have.
  package static let maximumKeys = 50

  /// Why a text is no key set.
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

  /// Keys of other kinds, for other uses or algorithms, and such as cannot be read are left out (RFC 7517, section 5).
  ///
  /// - Parameter json: the text as the issuer gives it.
  package init(_ json: [UInt8]) throws(Rejection) {
    guard json.count <= Self.maximumBytes else { throw .tooLong }
    guard let set = JSONWebToken.decode(Wire.Set.self, from: json) else { throw .malformed }
    guard set.keys.count <= Self.maximumKeys else { throw .tooManyKeys }
    keys = set.keys.compactMap { $0.key.flatMap(Key.init) }
  }

  /// Whether there is nothing that a token could be verified with.
  package var isEmpty: Bool { keys.isEmpty }

  package func hasKey(_ id: String) -> Bool { !candidates(id).isEmpty }

  /// The keys that may have signed a token whose header says `kid`: those of that name, all where it says none.
  func candidates(_ id: String?) -> [RSAPublicKey] {
    guard let id else { return keys.map(\.key) }
    // Byte for byte (RFC 7517, section 4.5): strings that Unicode takes for equal are not the same name.
    return keys.filter { $0.id.map { $0.utf8.elementsEqual(id.utf8) } == true }.map(\.key)
  }
}

extension JSONWebKeySet {
  private enum Wire {
    struct Set: Decodable {
      let keys: [Lenient]
    }

    /// A key that cannot be read is nil, and does not spoil the others.
    struct Lenient: Decodable {
      let key: Member?
      init(from decoder: any Decoder) throws { key = try? Member(from: decoder) }
    }

    /// RFC 7517, section 4, and RFC 7518, section 6.3.1.
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
