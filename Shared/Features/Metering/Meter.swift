package import Accounts

/// What is counted by the day, from midnight to midnight UTC.
package enum Meter: String, Sendable, CaseIterable, Codable {
  case analyses
  /// What all Free accounts of one address use together; counted on the address' own account.
  case freeAnalysesOfAddress = "free_analyses_of_address"
  /// What calls of language models cost, in millionths of a dollar.
  case modelMicrodollars = "model_microdollars"

  /// How many a day; nil where nothing is counted, as for the operator.
  package func limit(of account: Account) -> Int? {
    switch (self, account.kind) {
    // Money that an operator's own key spends has an end, too: the largest plan's.
    case (.modelMicrodollars, .operator): Plan.scale.modelMicrodollarsPerDay
    case (.modelMicrodollars, _): account.plan.modelMicrodollarsPerDay
    case (_, .operator): nil
    case (.analyses, _): account.plan.analysesPerDay
    case (.freeAnalysesOfAddress, _): 10
    }
  }
}
