extension PromptOrders {
  static let quotes: [Unicode.Scalar: Unicode.Scalar] = [
    "\"": "\"", "`": "`", "\u{201c}": "\u{201d}", "\u{201e}": "\u{201c}", "\u{ab}": "\u{bb}",
  ]

  /// What may stand before an order.
  static let openings: Set<String> = [
    "ai", "always", "and", "assistant", "attention", "but", "chatgpt", "claude", "dear", "do", "first", "gemini", "gpt", "hey", "immediately",
    "important", "instead", "just", "kindly", "llm", "llms",
    "model", "must", "note", "now", "ok", "okay", "please", "should", "simply", "so", "then", "you",
  ]
  /// What joins an order to what comes before it.
  static let joining: Set<String> = ["and", "then", "please", "must", "should", "now", "instead", "shall", "will"]

  /// What tells of orders rather than give one.
  static let discussing: Set<String> = [
    "attack", "attacker", "attackers", "attacks", "called", "defend", "detect", "e.g", "example", "examples", "exploit", "hackers", "inject",
    "injected", "injection", "injections", "jailbreak", "jailbreaks", "like", "malicious", "phrase", "phrases", "said", "say", "says", "such",
    "trick", "tries", "users", "write", "writes", "wrote",
  ]

  static let overriding: Set<String> = ["ignore", "disregard", "forget", "override", "bypass", "discard", "neglect"]
  static let earlier: Set<String> = [
    "previous", "previously", "prior", "above", "earlier", "preceding", "foregoing", "your", "initial", "original", "system",
  ]
  static let prompts: Set<String> = ["instructions", "instruction", "prompt", "prompts", "directives", "directions"]
  static let marks: Set<String> = ["score", "scores", "rating", "grade", "rank", "relevance", "points", "marks"]
  static let targets: Set<String> = ["page", "site", "website", "document", "article", "text", "content", "url"]
  static let best: Set<String> = ["highest", "maximum", "perfect", "top", "best", "ten", "hundred", "max"]
  static let revealing: Set<String> = ["print", "reveal", "repeat", "show", "output", "display", "tell", "leak", "dump", "expose"]
  static let following: Set<String> = ["above", "and", "as", "exactly", "here", "in", "now", "so", "to", "verbatim", "without", "word"]
  static let roles: Set<String> = [
    "ai", "assistant", "bot", "chatbot", "dan", "evaluator", "evil", "jailbroken", "llm", "model", "pirate", "unrestricted", "uncensored",
  ]
}
