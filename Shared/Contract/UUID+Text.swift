package import FoundationEssentials

extension UUID {
  /// The id in lower case, as in responses, logs and text columns of the database.
  package var text: String { uuidString.lowercased() }
}
