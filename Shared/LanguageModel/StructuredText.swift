import FoundationEssentials

/// Parses, validates and decodes the JSON text of an answer.
enum StructuredText {
  /// - Throws: the reason why the text is invalid. The reason does not quote the text.
  static func decode<Value: Decodable>(_ text: String, _ schema: ModelSchema?, as type: Value.Type)
    throws(ModelMismatch)
    -> Value
  {
    let json = try parse(text)
    try schema?.validate(json)
    do {
      // Decode the re-encoded JSON, so that the decoder sees exactly the value that was validated.
      return try JSONDecoder().decode(type, from: Data(json.text.utf8))
    } catch let error as DecodingError {
      throw ModelMismatch("\(field(of: error)) cannot be used")
    } catch {
      throw ModelMismatch("the answer cannot be used")
    }
  }

  static func parse(_ text: String) throws(ModelMismatch) -> ModelJSON {
    do throws(ModelJSON.Malformed) {
      return try ModelJSON(parsing: Array(unfenced(text).utf8))
    } catch {
      throw ModelMismatch("the answer is not one JSON value: \(error.reason)")
    }
  }

  /// Removes a Markdown code fence around the whole text (CommonMark, section 4.5). Models often add one if the provider
  /// does not enforce JSON.
  private static func unfenced(_ text: String) -> Substring {
    let text = trimmed(text[...])
    guard text.hasPrefix("```"), text.hasSuffix("```"), let end = text.firstIndex(where: \.isNewline) else {
      return text
    }
    let language = text[..<end].dropFirst(3)
    let inner = text[end...].dropFirst()
    guard language.allSatisfy({ $0.isASCII && $0.isLetter || $0 == " " }), inner.count >= 3 else { return text }
    return inner.dropLast(3)
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  private static func field(of error: DecodingError) -> String {
    let path: [any CodingKey]
    switch error {
    case .keyNotFound(let key, let context): path = context.codingPath + [key]
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      path = context.codingPath
    @unknown default: path = []
    }
    let names = path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
    return names.isEmpty ? "the answer" : names.joined(separator: ".")
  }
}
