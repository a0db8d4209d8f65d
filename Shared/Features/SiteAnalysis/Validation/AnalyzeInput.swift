import Contract
package import FoundationEssentials
import Web

/// The body of `POST /analyze`, by its `kind`.
package enum AnalyzeInput: Sendable, Decodable {
  case site(AnalyzeRequest)
  case llmsText(ValidationRequest)
  /// One that was accepted before, which only the operator has done.
  case queued(UUID)

  private enum CodingKeys: String, CodingKey { case kind, analysisId }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if container.contains(.analysisId) {
      self = .queued(try container.decode(UUID.self, forKey: .analysisId))
      return
    }
    let kind = try container.decodeIfPresent(String.self, forKey: .kind) ?? "site"
    switch kind {
    case "site": self = .site(try AnalyzeRequest(from: decoder))
    case "llms_txt": self = .llmsText(try ValidationRequest(from: decoder))
    case "visibility":
      throw Failure.invalidField("kind", "kind visibility is not served; kind must be \"site\" or \"llms_txt\"")
    default: throw Failure.invalidField("kind", "kind must be \"site\" or \"llms_txt\"")
    }
  }
}
