import FoundationEssentials

/// JSON as everything here writes and reads it: keys sorted, slashes plain, times in ISO 8601 with seconds, UTC.
package enum JSON {
  package static func encode(_ value: some Encodable, pretty: Bool = false) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.dateEncodingStrategy = .iso8601
    return Array(try encoder.encode(value))
  }

  package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    return try decoder.decode(type, from: Data(bytes))
  }

  /// Decodes what a caller sent, and says in the caller's words what is wrong with it.
  ///
  /// - Parameter what: how the message calls the text, such as `the body`.
  package static func decodeInput<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8], what: String
  ) throws(Failure) -> Value {
    // A NUL byte would make the decoder take the text for UTF-16; JSON in UTF-8 never has one.
    guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
      throw Failure(.invalidRequest, "\(what) is not valid UTF-8 text; send JSON in UTF-8 without NUL bytes")
    }
    do {
      return try decode(type, from: bytes)
    } catch let error as DecodingError {
      throw Failure(describing: error, what: what)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.invalidRequest, "\(what) is not JSON that can be read")
    }
  }
}

extension Failure {
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
      // Past the parser, a value of the right type was refused by its own rules, which say why.
      if let failure = context.underlyingError as? Failure {
        self = failure
        return
      }
      // The decoder reports a number that does not fit its type here, its path in the words of the description.
      let field = path(context.codingPath)
      self =
        field.isEmpty
        ? Failure(.invalidRequest, "\(what) is not valid JSON, is nested too deeply, or has a number that does not fit")
        : .invalidField(field, "\(field) in \(what): \(context.debugDescription)")
    @unknown default:
      self = Failure(.invalidRequest, "\(what) could not be read")
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

/// Marks arrays among the types that a decoder names, whose elements' type it does not tell.
private protocol SequenceOfValues {}
extension Array: SequenceOfValues {}
