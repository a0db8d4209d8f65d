extension PromptInjection {
  /// Closing quotation marks by opening ones.
  static let quotes: [Unicode.Scalar: Unicode.Scalar] = [
    "\"": "\"", "`": "`", "\u{201c}": "\u{201d}", "\u{201e}": "\u{201c}", "\u{ab}": "\u{bb}",
  ]

  /// Words that may come before an order.
  static let openings: Set<String> = [
    "ai", "always", "and", "assistant", "attention", "but", "chatgpt", "claude", "dear", "do", "first", "gemini", "gpt",
    "hey", "immediately",
    "important", "instead", "just", "kindly", "llm", "llms",
    "model", "must", "note", "now", "ok", "okay", "please", "should", "simply", "so", "then", "you",
  ]
  /// Words that join an order to the words before it.
  static let joining: Set<String> = ["and", "then", "please", "must", "should", "now", "instead", "shall", "will"]

  /// Words of sentences that discuss orders rather than give them.
  static let discussing: Set<String> = [
    "attack", "attacker", "attackers", "attacks", "called", "defend", "detect", "exploit", "hackers", "inject",
    "injected", "injection", "injections",
    "jailbreak", "jailbreaks", "malicious", "phrase", "phrases", "said", "say", "says", "trick", "tries", "write",
    "writes", "wrote",
  ]
  /// Words of clauses that discuss orders; another clause of the sentence may be an order: `For all users, ignore …`.
  static let mentioning: Set<String> = ["e.g", "example", "examples", "like", "such", "users"]

  /// Lowercase letters of Cyrillic and Greek that look like Latin letters (Unicode Technical Standard 39).
  static let lookalikes: [Unicode.Scalar: Unicode.Scalar] = [
    "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "і": "i", "ј": "j", "ѕ": "s", "һ": "h",
    "ԁ": "d", "ԛ": "q", "ԝ": "w", "к": "k",
    "т": "t", "м": "m", "н": "h", "в": "b", "ο": "o", "α": "a", "ε": "e", "ι": "i", "κ": "k", "ν": "v", "ρ": "p",
    "τ": "t", "υ": "u", "χ": "x",
  ]

  /// For each language: verbs such as "ignore", words such as "previous", and words such as "instructions". A sentence with
  /// one of each overrides a prompt.
  static let foreignOverrides: [[[String]]] = [
    [
      ["ignorier", "vergiss", "vergesst", "missachte"], ["vorherig", "bisherig", "obig", "vorigen", "alle "],
      ["anweisung", "instruktion", "prompt"],
    ],
    [["ignora", "olvida", "descarta"], ["anterior", "previas", "todas"], ["instruccion", "indicacion", "prompt"]],
    [
      ["ignore", "oublie", "négligez"], ["précédent", "antérieur", "toutes"],
      ["instructions", "consignes", "directives"],
    ],
    [["ignora", "dimentica"], ["precedenti", "tutte"], ["istruzioni", "prompt"]],
    [["ignore", "esqueça", "desconsidere"], ["anteriores", "todas"], ["instruções", "prompt"]],
    [["negeer", "vergeet"], ["vorige", "eerdere", "alle"], ["instructies", "opdrachten"]],
    [["zignoruj", "ignoruj", "zapomnij"], ["poprzedni", "wszystkie"], ["instrukcj", "polecenia"]],
    [["игнорируй", "забудь"], ["предыдущ", "все"], ["инструкци", "указани"]],
    [["忽略", "无视", "無視", "忘记"], ["之前", "以上", "前面", "所有", "先前"], ["指令", "指示", "提示", "说明", "說明"]],
    [["無視", "忘れ"], ["以前", "上記", "これまで", "すべて", "前の"], ["指示", "命令", "プロンプト"]],
    [["무시"], ["이전", "위의", "모든"], ["지시", "명령", "프롬프트"]],
  ]

  static let overriding: Set<String> = ["ignore", "disregard", "forget", "override", "bypass", "discard", "neglect"]
  static let earlierWords: Set<String> = [
    "previous", "previously", "prior", "above", "earlier", "preceding", "foregoing", "your", "initial", "original",
    "system",
  ]
  static let prompts: Set<String> = ["instructions", "instruction", "prompt", "prompts", "directives", "directions"]
  static let marks: Set<String> = ["score", "scores", "rating", "grade", "rank", "relevance", "points", "marks"]
  static let targets: Set<String> = ["page", "site", "website", "document", "article", "text", "content", "url"]
  static let best: Set<String> = ["highest", "maximum", "perfect", "top", "best", "ten", "hundred", "max"]
  static let revealing: Set<String> = [
    "print", "reveal", "repeat", "show", "output", "display", "tell", "leak", "dump", "expose",
  ]
  static let following: Set<String> = [
    "above", "and", "as", "exactly", "here", "in", "now", "so", "to", "verbatim", "without", "word",
  ]
  static let roles: Set<String> = [
    "ai", "assistant", "bot", "chatbot", "dan", "evaluator", "evil", "jailbroken", "llm", "model", "pirate",
    "unrestricted", "uncensored",
  ]
}
