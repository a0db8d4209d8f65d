package import Accounts

extension Meter {
  /// Analyses of an account.
  package static let analyses = Meter("analyses") {
    $0.kind == .operator ? nil : $0.plan.analysesPerDay
  } exhausted: {
    "the plan's \($0) analyses a day are used up"
  }

  /// The analyses of all Free accounts of one network.
  package static let freeAnalysesOfAddress = Meter("free_analyses_of_address", scope: .network) {
    $0.kind == .operator ? nil : 10
  } exhausted: {
    "this address has used up its \($0) free analyses a day"
  }

  /// The cost of model calls, in millionths of a dollar. The operator has the limit of the largest plan.
  package static let modelMicrodollars = Meter("model_microdollars") {
    $0.kind == .operator ? Plan.scale.modelMicrodollarsPerDay : $0.plan.modelMicrodollarsPerDay
  } exhausted: { _ in
    "the plan's daily budget for language models is spent"
  }
}
