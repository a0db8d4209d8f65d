import Web

/// The quality of an llms.txt, 0 to 100.
///
/// Each broken rule costs points by its severity and its number of findings. If the reference parser fails on the file,
/// the score is halved.
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
    return max(0, Int((file.reference.crashes ? score / 2 : score).rounded()))
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
