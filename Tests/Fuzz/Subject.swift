import FoundationEssentials

/// A parser under test: it generates inputs and checks properties of the parser's results.
protocol Subject: Sendable {
  var name: String { get }
  /// The maximum size of an input, in bytes.
  var maximumBytes: Int { get }
  /// Tokens of the parser's grammar, for the mutator.
  var dictionary: [[UInt8]] { get }
  /// Real inputs from a folder; empty if the folder does not exist.
  func samples(in folder: String) -> [[UInt8]]
  /// Generates an input that mostly follows the grammar.
  func compose(_ random: inout Randomness) -> [UInt8]
  /// Parses the input, and throws if a property is violated.
  func check(_ input: [UInt8], _ random: inout Randomness) throws(Violation)
}

/// A violated property.
struct Violation: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Throws ``Violation`` with the property's text if the condition is false.
func require(_ condition: Bool, _ property: @autoclosure () -> String) throws(Violation) {
  if !condition { throw Violation(property()) }
}

/// Reads the first files of a folder in the order of their names; returns none if the folder does not exist.
func files(in folder: String, atMost count: Int) -> [[UInt8]] {
  let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().prefix(count)
  return names.compactMap { try? Array(Data(contentsOf: URL(filePath: "\(folder)/\($0)"))) }
}

extension [String] {
  /// The strings' bytes.
  var tokens: [[UInt8]] { map { [UInt8]($0.utf8) } }
}
