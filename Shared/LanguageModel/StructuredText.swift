import FoundationEssentials

/// Reads the JSON that a model was asked for, and nothing that merely resembles it.
enum StructuredText {
  /// - Throws: what is wrong with it, in words that quote none of it.
  static func read<Value: Decodable>(_ text: String, _ schema: ModelSchema?, as type: Value.Type) throws(ModelMismatch)
    -> Value
  {
    let json = try parse(text)
    try schema?.validate(json)
    do {
      // Written anew, so that the decoder sees what was validated.
      return try JSONDecoder().decode(type, from: Data(json.text.utf8))
    } catch let error as DecodingError {
      throw ModelMismatch("\(place(of: error)) cannot be used")
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

  /// The text in a Markdown fence that is around all of it (CommonMark, section 4.5), which models write where nothing
  /// keeps them from it.
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

  private static func place(of error: DecodingError) -> String {
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
