import Cryptography
import FoundationEssentials
import Stripe
import Support
import Testing

/// Compares signature verification with PyPI's `stripe` on 10,000 mutated headers.
struct SignatureAgreementTests {
  private static let python = ProcessInfo.processInfo.environment["STRIPE_PYTHON"] ?? ""

  private struct Case: Decodable {
    let header: String
    let body: String
    let secret: String
    let now: Int
    let verdict: String
  }

  /// Results may differ in two cases, in which ours is stricter: timestamps in the future and non-ASCII headers.
  @Test(.enabled(if: !python.isEmpty, "needs STRIPE_PYTHON, which Tests/run sets"), .timeLimit(.minutes(2)))
  func signatureVerdictsMatchStripePython() async throws {
    let outcome = try await Command(Self.python, ["\(Products.package)/Tests/StripeTests/stripe-verdicts.py"]).run()
    try #require(outcome.status == 0, "\(outcome.error)")
    let cases = try outcome.output.split(separator: "\n").map {
      try JSONDecoder().decode(Case.self, from: Data($0.utf8))
    }
    #expect(cases.count == 10_000)

    var counts: [String: Int] = [:]
    for one in cases {
      let rejection = Self.rejection(of: one)
      let agreement: String
      if !one.header.utf8.allSatisfy({ $0 < 0x80 }) {
        #expect(rejection != nil, "accepted a non-ASCII header: \(one)")
        agreement = one.verdict == "rejected" ? "both reject" : "not ASCII"
      } else if case .tooNew = rejection {
        #expect(one.verdict == "accepted", "\(one)")
        agreement = "future"
      } else {
        #expect(one.verdict == (rejection == nil ? "accepted" : "rejected"), "\(String(describing: rejection)): \(one)")
        agreement = rejection == nil ? "both accept" : "both reject"
      }
      counts[agreement, default: 0] += 1
    }
    // Check that the headers cover all four outcomes.
    #expect(counts["both accept", default: 0] > 1000, "\(counts)")
    #expect(counts["both reject", default: 0] > 1000, "\(counts)")
    #expect(counts["future", default: 0] > 100, "\(counts)")
    #expect(counts["not ASCII", default: 0] > 100, "\(counts)")
  }

  private static func rejection(of one: Case) -> SignatureRejection? {
    do throws(SignatureRejection) {
      try StripeSignature.verify(
        header: one.header, body: Array(one.body.utf8), secrets: [one.secret],
        at: Date(timeIntervalSince1970: Double(one.now)))
      return nil
    } catch {
      return error
    }
  }
}
