import Web

/// The quality of an llms.txt, 0 to 100.
///
/// Each broken rule costs points by its severity and its number of findings. If the reference parser fails on the file,
/// the score is halved. It is at most the share of the sections' links that lead to a page, plus 5: a file is useful for
/// its links.
enum Score {
  static func of(_ file: LLMSFile, _ issues: [Finding]) -> Int {
    if issues.contains(where: { $0.rule == .emptyFile }) { return 0 }
    var byRule: [Rule: [Finding]] = [:]
    for issue in issues { byRule[issue.rule, default: []].append(issue) }
    let links = max(1, file.links.count + file.headLinks.count)
    var score = 100.0
    for (rule, issues) in byRule {
      let (first, most) = cost(issues.map(\.severity).min()!)
      let share =
        rule.appliesToLinks ? min(1, Double(issues.count) / Double(links)) : min(1, Double(issues.count - 1) / 10)
      score -= first + (most - first) * share
    }
    if file.reference.crashes { score /= 2 }
    return max(0, Int(min(score, 5 + 95 * usefulShare(of: file, issues)).rounded()))
  }

  /// The share of the links in sections that lead to a page; 0 if there is no such link.
  private static func usefulShare(of file: LLMSFile, _ issues: [Finding]) -> Double {
    let lines = Set(file.links.map(\.line))
    guard !lines.isEmpty else { return 0 }
    let useless = Set(issues.filter { [.deadLink, .softNotFound, .invalidURL].contains($0.rule) }.map(\.line))
    return Double(lines.subtracting(useless).count) / Double(lines.count)
  }

  /// Returns the cost of the first finding of a rule, and the maximum cost of all its findings.
  private static func cost(_ severity: Finding.Severity) -> (first: Double, most: Double) {
    switch severity {
    case .error: (10, 60)
    case .warning: (3, 15)
    case .notice: (1, 3)
    }
  }
}
