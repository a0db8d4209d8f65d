package import Validation

extension ValidationReport {
  /// The report as text for a terminal: the issues with their fixes, the score and a summary.
  package var text: String {
    var lines: [String] = []
    for issue in issues {
      lines.append("\(issue.line): \(issue.severity.rawValue): \(issue.message) [\(issue.rule.rawValue)]")
      lines.append("    fix: \(issue.fix.replacing("\n", with: "\n         "))")
    }
    let omitted = summary.errors + summary.warnings + summary.notices - issues.count
    if omitted > 0 { lines.append("and \(omitted) more of the same rules") }
    if !lines.isEmpty { lines.append("") }
    let counts = [
      Self.count(summary.errors, "error"), Self.count(summary.warnings, "warning"),
      Self.count(summary.notices, "notice"),
    ]
    lines.append(
      "Score \(score) of 100: \(counts.joined(separator: ", "))"
        + " · \(Self.count(summary.links, "link")), \(summary.described) described,"
        + " in \(Self.count(summary.sections, "section")) · \(summary.characters) characters")
    if let result = summary.reference {
      lines.append("The reference parser \(Self.text(of: result)). \(checkedLinks)")
    }
    if let coverage {
      let covered = coverage.sections.count { $0.linked > 0 }
      lines.append(
        "It links \(coverage.linked) of the \(coverage.pages) pages in the sitemaps, from \(covered) of"
          + " \(Self.count(coverage.sections.count, "section")).")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func text(of result: ReferenceResult) -> String {
    switch result {
    case .whole: "parses the whole file"
    case .loses: "loses a part of the file"
    case .crashes: "fails on the file"
    }
  }

  private var checkedLinks: String {
    let skipped = checked.skipped.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key.replacing("_", with: " "))" }
    let text = "Checked \(Self.count(checked.links, "link"))"
    return text + (skipped.isEmpty ? "" : ", skipped \(skipped.joined(separator: ", "))")
      + (partial ? "; the time ran out before the rest." : ".")
  }

  private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
