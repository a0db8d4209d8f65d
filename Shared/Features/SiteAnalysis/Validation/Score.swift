import Web

/// How good a file is, of a hundred.
///
/// Each rule that is broken costs once by its severity, and more the oftener it is. Of a file that the reference parser
/// cannot read, half is lost, however good its words are.
enum Score {
  static func of(_ file: LLMSFile, _ issues: [Finding]) -> Int {
    if issues.contains(where: { $0.rule == .emptyFile }) { return 0 }
    var byRule: [Rule: [Finding]] = [:]
    for issue in issues { byRule[issue.rule, default: []].append(issue) }
    let links = max(1, file.links.count + file.headLinks.count)
    var score = 100.0
    for (rule, issues) in byRule {
      let (first, most) = cost(issues.map(\.severity).min()!)
      let share = rule.isOfLinks ? min(1, Double(issues.count) / Double(links)) : min(1, Double(issues.count - 1) / 10)
      score -= first + (most - first) * share
    }
    return max(0, Int((file.reference.crashes ? score / 2 : score).rounded()))
  }

  /// What the first case costs, and what all cases of a rule may cost together.
  private static func cost(_ severity: Finding.Severity) -> (first: Double, most: Double) {
    switch severity {
    case .error: (10, 60)
    case .warning: (3, 15)
    case .notice: (1, 3)
    }
  }
}
