import FoundationEssentials

/// Encodes and decodes JSON: sorted keys, unescaped slashes, times in ISO 8601 with seconds in UTC.
package enum JSON {
  /// Encodes a value.
  package static func encode(_ value: some Encodable, pretty: Bool = false) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.dateEncodingStrategy = .iso8601
    return Array(try encoder.encode(value))
  }

  /// Decodes a value.
  ///
  /// - Parameter context: passed to the decoder as its `userInfo`.
  package static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8], context: [CodingUserInfoKey: any Sendable] = [:]
  ) throws -> Value {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    decoder.userInfo = context
    return try decoder.decode(type, from: Data(bytes))
  }

  /// Decodes input of a caller.
  ///
  /// - Parameter what: the name of the input in messages, such as `the body`.
  /// - Throws: `invalid_request`, naming the field that is missing or invalid.
  package static func decodeInput<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8], what: String, context: [CodingUserInfoKey: any Sendable] = [:]
  ) throws(Failure) -> Value {
    // JSON in UTF-8 contains no NUL byte. The decoder would treat text with one as UTF-16.
    guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
      throw Failure(.invalidRequest, "\(what) is not valid UTF-8 text; send JSON in UTF-8 without NUL bytes")
    }
    do {
      return try decode(type, from: bytes, context: context)
    } catch let error as DecodingError {
      throw Failure(describing: error, what: what)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.invalidRequest, "\(what) is not valid JSON")
    }
  }
}

extension Failure {
  /// The failure that describes a decoding error to the caller.
  fileprivate init(describing error: DecodingError, what: String) {
    func path(_ keys: [any CodingKey]) -> String {
      keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context):
      let field = path(context.codingPath + [key])
      self = .invalidField(field, "\(what) lacks the field \(field)")
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      let field = path(context.codingPath)
      let expected = Failure.name(of: type)
      self =
        field.isEmpty
        ? Failure(.invalidRequest, "\(what) must be \(expected)")
        : .invalidField(field, "\(field) in \(what) must be \(expected)")
    case .dataCorrupted(let context):
      // The value has the right type, but its own initializer rejected it with a message.
      if let failure = context.underlyingError as? Failure {
        self = failure
        return
      }
      // The decoder also reports numbers that do not fit their type here, with the path in the description only.
      let field = path(context.codingPath)
      self =
        field.isEmpty
        ? Failure(
          .invalidRequest, "\(what) is not valid JSON, is nested too deeply, or has a number that is out of range")
        : .invalidField(field, "\(field) in \(what): \(context.debugDescription)")
    @unknown default:
      self = Failure(.invalidRequest, "\(what) could not be decoded")
    }
  }

  private static func name(of type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is Bool.Type: "true or false"
    case is any BinaryInteger.Type: "a whole number"
    case is any BinaryFloatingPoint.Type: "a number"
    case is any SequenceOfValues.Type: "an array"
    default: "a JSON object"
    }
  }
}

/// Identifies arrays, whose element type a decoding error does not report.
private protocol SequenceOfValues {}
extension Array: SequenceOfValues {}
