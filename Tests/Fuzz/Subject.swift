import FoundationEssentials

/// A parser, what to feed it, and what must hold of what it makes of that.
protocol Subject: Sendable {
  var name: String { get }
  /// Bytes of an input.
  var maximumBytes: Int { get }
  var dictionary: [[UInt8]] { get }
  /// Real inputs, where the folder of shared data is at hand.
  func samples(in folder: String) -> [[UInt8]]
  /// An input of the grammar, more or less.
  func compose(_ random: inout Randomness) -> [UInt8]
  /// Parses, and throws where a property does not hold.
  func check(_ input: [UInt8], _ random: inout Randomness) throws(Violation)
}

/// A property that did not hold.
struct Violation: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

func require(_ condition: Bool, _ property: @autoclosure () -> String) throws(Violation) {
  if !condition { throw Violation(property()) }
}

/// The files of a folder, in the order of their names; none where there is no folder.
func files(in folder: String, atMost count: Int) -> [[UInt8]] {
  let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().prefix(count)
  return names.compactMap { try? Array(Data(contentsOf: URL(filePath: "\(folder)/\($0)"))) }
}

extension [String] {
  var tokens: [[UInt8]] { map { [UInt8]($0.utf8) } }
}
