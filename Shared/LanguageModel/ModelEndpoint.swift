/// A model at a provider: the URL, the key, the model's name, and the features that it supports.
package struct ModelEndpoint: Sendable, Equatable {
  /// How the schema of an answer is enforced.
  package enum Structure: String, Sendable {
    /// The provider restricts the output to the schema: OpenAI's `response_format`, Anthropic's `output_config`.
    case schema
    /// The model must call a tool that has the schema as its input. For Anthropic only; its newest models reject a
    /// forced tool call with 400, and support ``schema`` instead.
    case tool
    /// The schema is part of the system prompt, for servers that support neither of the others.
    case prompt
  }

  /// The name of the request field that limits the output. OpenAI's newer models accept only `max_completion_tokens`;
  /// compatible servers use `max_tokens` (platform.openai.com/docs/api-reference/chat/create).
  package enum OutputLimit: String, Sendable {
    case maxCompletionTokens = "max_completion_tokens"
    case maxTokens = "max_tokens"
  }

  /// Whether a model produces reasoning tokens before it answers. Requests keep them to a minimum, because they are
  /// billed and count towards the output limit.
  package enum Thinking: Sendable {
    case never
    /// Reasoning is on by default and can be turned off, as in Gemini's 2.5 models
    /// (ai.google.dev/gemini-api/docs/openai).
    case byDefault
    /// Reasoning can be reduced but not turned off (platform.openai.com/docs/guides/reasoning). Such models, from OpenAI
    /// and the newest from Anthropic, reject a temperature with 400.
    case always
  }

  /// The provider's name in circuit breakers and database rows: `openai`, `openrouter`, `gemini`, `anthropic` or another.
  package let name: String
  package let dialect: ModelDialect
  /// The base URL with the version and without a trailing slash, such as `https://api.openai.com/v1`.
  package let base: String
  package let model: String
  /// The maximum number of tokens of a request and its answer together.
  package let contextWindow: Int
  package let structure: Structure
  package let outputLimit: OutputLimit
  package let thinking: Thinking
  let key: ModelSecretKey?

  /// - Parameters:
  ///   - base: a URL that the operator configured, with `http` or `https`.
  ///   - key: nil for servers that need no key. An empty key is an error, because the operator meant to set one.
  ///   - structure: nil for the default: `schema` for OpenAI's dialect, `tool` for Anthropic's.
  ///   - outputLimit: nil for the default: `max_completion_tokens` for the provider `openai`, `max_tokens` for others.
  /// - Throws: the argument that is invalid.
  package init(
    name: String, dialect: ModelDialect, base: String, key: String?, model: String, contextWindow: Int,
    structure: Structure? = nil,
    outputLimit: OutputLimit? = nil, thinking: Thinking = .never
  ) throws(InvalidModelEndpoint) {
    guard Self.isVisibleASCII(name), name.utf8.count <= 64 else { throw .name }
    let base = base.hasSuffix("/") ? String(base.dropLast()) : base
    let hosts = ["http://", "https://"].filter { base.hasPrefix($0) }.map { base.dropFirst($0.count) }
    // Credentials in a URL would be logged with it, and a path appended after a query would become part of the query.
    guard Self.isVisibleASCII(base), let host = hosts.first, !host.isEmpty, !host.hasPrefix("/"),
      !base.contains(where: { "@?#".contains($0) })
    else {
      throw .base
    }
    guard Self.isVisibleASCII(model), model.utf8.count <= 200 else { throw .model }
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

  /// True if the text is not empty and has only visible ASCII characters.
  static func isVisibleASCII(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy { 0x21...0x7e ~= $0 } }
}

extension ModelEndpoint: CustomStringConvertible, CustomDebugStringConvertible {
  package var description: String { "\(model) at \(name)" }
  package var debugDescription: String { description }
}

/// The argument that makes an endpoint invalid. The description does not contain the argument's value.
package enum InvalidModelEndpoint: String, Error, Sendable, CustomStringConvertible {
  case name
  case base
  case key
  case model
  case contextWindow = "context_window"
  case structure

  package var description: String {
    switch self {
    case .name: "an endpoint's name must have 1 to 64 visible ASCII characters"
    case .base: "an endpoint's URL must begin with http:// or https://, and have neither credentials nor a query"
    case .key: "an endpoint's key must have only visible ASCII characters, and at least one"
    case .model: "a model's name must have 1 to 200 visible ASCII characters"
    case .contextWindow: "a model's context window must be a positive number of tokens"
    case .structure: "the structure \"tool\" needs Anthropic's dialect; use \"schema\" or \"prompt\""
    }
  }
}
