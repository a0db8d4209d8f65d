extension ModelEndpoint {
  /// The base URLs and dialects of well-known providers, by name. Other providers need both in a setting.
  ///
  /// Sources: platform.openai.com/docs/api-reference, openrouter.ai/docs/api-reference,
  /// ai.google.dev/gemini-api/docs/openai, platform.claude.com/docs/en/api/messages.
  package static let knownBases: [String: (base: String, dialect: ModelDialect)] = [
    "openai": ("https://api.openai.com/v1", .openAI),
    "openrouter": ("https://openrouter.ai/api/v1", .openAI),
    "gemini": ("https://generativelanguage.googleapis.com/v1beta/openai", .openAI),
    "anthropic": ("https://api.anthropic.com/v1", .anthropic),
  ]
}
