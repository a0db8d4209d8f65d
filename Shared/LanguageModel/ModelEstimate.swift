/// An upper estimate of an attempt's tokens, made before the request is sent.
package struct ModelEstimate: Sendable, Equatable {
  /// Estimated tokens of the request. Too high for all text except text that is designed to break tokenizers.
  package let inputTokens: Int
  /// The output limit in tokens.
  package let maxOutputTokens: Int

  package init(inputTokens: Int, maxOutputTokens: Int) {
    self.inputTokens = inputTokens
    self.maxOutputTokens = maxOutputTokens
  }

  /// Estimates a request: the tokens of its texts and schema, plus 8 per message and 16 for the answer.
  ///
  /// Providers add 3 or 4 tokens per message and 3 for the answer (OpenAI's cookbook, "How to count tokens with
  /// tiktoken").
  package init(_ request: ModelRequest) {
    var tokens = 16 + Self.tokens(in: request.system)
    for message in request.messages { tokens += 8 + Self.tokens(in: message.text) }
    if let schema = request.schema { tokens += 64 + Self.tokens(in: schema.json(.all).text) }
    self.init(inputTokens: tokens, maxOutputTokens: request.maxOutputTokens)
  }

  /// The maximum cost in micro-dollars.
  package func maximumCost(_ price: ModelPrice) -> Int { price.cost(input: inputTokens, output: maxOutputTokens) }

  /// Returns an upper estimate of a text's tokens, computed from its UTF-8 bytes.
  ///
  /// English text has about 4 characters per token (help.openai.com, "What are tokens and how to count them"). This
  /// counts one token per 3 lower-case letters or spaces, per 1.5 capitals, and per digit or other ASCII character.
  /// Outside ASCII, a character of 2, 3 or 4 bytes counts as 1, 2 or 4 tokens, because a byte-level tokenizer splits
  /// unknown characters into bytes. A token has at least one byte, so the result never exceeds the number of bytes.
  package static func tokens(in text: String) -> Int {
    var sixths = 0
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: " "): sixths += 2
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): sixths += 4
      case 0x80...0xbf: break
      case 0xc0...0xdf: sixths += 6
      case 0xe0...0xef: sixths += 12
      case 0xf0...: sixths += 24
      default: sixths += 6
      }
    }
    return (sixths + 5) / 6
  }
}
