/// A function of the product. Its raw value is the name of its executable.
package enum Function: String, Sendable, CaseIterable {
  case analyze
  case checkout
  case generate
  case usage
  case webhook

  /// The paths below which the function serves every route, such as `/usage`.
  package var pathPrefixes: [String] {
    switch self {
    case .usage: ["/usage", "/health", "/live"]
    default: ["/\(rawValue)"]
    }
  }

  /// Finds the function that serves a path by the path's first segment.
  ///
  /// - Returns: nil if no function serves the path.
  package init?(servingPath path: String) {
    guard let segment = path.split(separator: "/").first,
      let function = Self.allCases.first(where: { $0.pathPrefixes.contains("/" + segment) })
    else { return nil }
    self = function
  }
}
