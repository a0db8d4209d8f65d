/// Where a model is asked, under which name, and what it takes.
package struct ModelEndpoint: Sendable, Equatable {
  /// How an answer is held to a schema.
  package enum Structure: String, Sendable {
    /// The provider decodes by the schema: OpenAI's `response_format`, Anthropic's `output_config`.
    case schema
    /// Anthropic's models call one tool that they must call; the newest refuse that with 400, and take a schema
    /// instead.
    case tool
    /// The schema is written into the system's text, for servers that know no better.
    case prompt
  }

  /// What bounds the answer is called `max_completion_tokens` by OpenAI, whose newer models refuse the other name, and
  /// `max_tokens`
  /// by the servers that imitate it (platform.openai.com/docs/api-reference/chat/create).
  package enum OutputLimit: String, Sendable {
    case maxCompletionTokens = "max_completion_tokens"
    case maxTokens = "max_tokens"
  }

  /// Whether a model thinks before it answers. What is asked here needs none of that, and its words are paid for and
  /// taken from the answer's.
  package enum Thinking: Sendable {
    case never
    /// Unless it is told not to, as Gemini's 2.5 models (ai.google.dev/gemini-api/docs/openai).
    case unlessTold
    /// As little as it is told (platform.openai.com/docs/guides/reasoning). Such models, OpenAI's as well as
    /// Anthropic's newest, refuse a
    /// temperature with 400.
    case always
  }

  /// Under which breakers and rows know it: `openai`, `openrouter`, `gemini`, `anthropic` or another.
  package let name: String
  package let dialect: ModelDialect
  /// With the version and without a slash at the end, such as `https://api.openai.com/v1`.
  package let base: String
  package let model: String
  /// Tokens that question and answer may have together.
  package let contextWindow: Int
  package let structure: Structure
  package let outputLimit: OutputLimit
  package let thinking: Thinking
  let key: ModelSecretKey?

  /// - Parameters:
  ///   - base: an address of the operator's, with `http` or `https`.
  ///   - key: none for servers that want none; an empty one is refused, since it was meant to be one.
  ///   - structure: nil for what is usual: a schema for OpenAI's dialect, a tool for Anthropic's.
  ///   - outputLimit: nil for what is usual: OpenAI's own name at `openai`, and the other elsewhere.
  /// - Throws: what cannot be used.
  package init(
    name: String, dialect: ModelDialect, base: String, key: String?, model: String, contextWindow: Int,
    structure: Structure? = nil,
    outputLimit: OutputLimit? = nil, thinking: Thinking = .never
  ) throws(InvalidModelEndpoint) {
    guard Self.isPlain(name), name.utf8.count <= 64 else { throw .name }
    let base = base.hasSuffix("/") ? String(base.dropLast()) : base
    let hosts = ["http://", "https://"].filter { base.hasPrefix($0) }.map { base.dropFirst($0.count) }
    // Credentials in an address would be printed with it, and a query would swallow the path that is put behind.
    guard Self.isPlain(base), let host = hosts.first, !host.isEmpty, !host.hasPrefix("/"),
      !base.contains(where: { "@?#".contains($0) })
    else {
      throw .base
    }
    guard Self.isPlain(model), model.utf8.count <= 200 else { throw .model }
    guard contextWindow > 0 else { throw .contextWindow }
    guard !(dialect == .openAI && structure == .tool) else { throw .structure }
    if let key {
      guard let key = ModelSecretKey(key) else { throw .key }
      self.key = key
    } else {
      self.key = nil
    }
    self.name = name
    self.dialect = dialect
    self.base = base
    self.model = model
    self.contextWindow = contextWindow
    self.structure = structure ?? (dialect == .openAI ? .schema : .tool)
    self.outputLimit = outputLimit ?? (name == "openai" ? .maxCompletionTokens : .maxTokens)
    self.thinking = thinking
  }

  /// Visible ASCII, at least one.
  static func isPlain(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy { 0x21...0x7e ~= $0 } }
}

extension ModelEndpoint: CustomStringConvertible, CustomDebugStringConvertible {
  package var description: String { "\(model) at \(name)" }
  package var debugDescription: String { description }
}
