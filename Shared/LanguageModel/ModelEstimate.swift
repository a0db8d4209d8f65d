/// What an attempt may cost at most, before it is made.
package struct ModelEstimate: Sendable, Equatable {
  /// Tokens of what is sent: more than it will have, but for text that was made to break tokenizers.
  package let inputTokens: Int
  /// Tokens that the answer may have.
  package let maxOutputTokens: Int

  package init(inputTokens: Int, maxOutputTokens: Int) {
    self.inputTokens = inputTokens
    self.maxOutputTokens = maxOutputTokens
  }

  /// The texts of a request, 8 tokens for each turn's own marks and 16 for the answer's; a schema counts like text.
  ///
  /// Providers add 3 or 4 for each turn, and 3 for the answer (OpenAI's cookbook, "How to count tokens with tiktoken").
  package init(_ request: ModelRequest) {
    var tokens = 16 + Self.tokens(in: request.system)
    for message in request.messages { tokens += 8 + Self.tokens(in: message.text) }
    if let schema = request.schema { tokens += 64 + Self.tokens(in: schema.json(.all).text) }
    self.init(inputTokens: tokens, maxOutputTokens: request.maxOutputTokens)
  }

  /// Micro-dollars.
  package func maximumCost(_ price: ModelPrice) -> Int { price.cost(input: inputTokens, output: maxOutputTokens) }

  /// Tokens of a text, estimated upwards from its UTF-8 bytes.
  ///
  /// English has some 4 characters to a token (help.openai.com, "What are tokens and how to count them"); here 3 small
  /// letters or
  /// blanks make one, as do one and a half capitals, and any digit or mark. Beyond ASCII a character of two bytes makes
  /// one token, of three
  /// bytes two and of four bytes four, since a byte-level tokenizer falls back to bytes for what it never learned. A
  /// token has a
  /// byte at least, so that no text has more tokens than bytes, and no estimate has either.
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
