import LanguageModel

extension String {
  /// The text, or nil if it seems to instruct a language model.
  ///
  /// Titles and descriptions of pages are copied to files that language models read, so such texts are not used.
  var unlessInjection: String? { PromptInjection.isSuspected(in: self) ? nil : self }
}
