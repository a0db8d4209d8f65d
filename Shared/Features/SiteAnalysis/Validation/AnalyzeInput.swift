import Accounts
import Contract
import Web

/// The body of `POST /analyze`, by its `kind`.
package enum AnalyzeInput: Sendable, Decodable {
  case site(AnalyzeRequest)
  case llmsText(ValidationRequest)

  private enum CodingKeys: String, CodingKey { case kind }

  package init(from decoder: any Decoder) throws {
    let kind = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(String.self, forKey: .kind) ?? "site"
    switch kind {
    case "site": self = .site(try AnalyzeRequest(from: decoder))
    case "llms_txt": self = .llmsText(try ValidationRequest(from: decoder))
    case "visibility": throw Failure.invalidField("kind", "kind visibility is not served; kind must be \"site\" or \"llms_txt\"")
    default: throw Failure.invalidField("kind", "kind must be \"site\" or \"llms_txt\"")
    }
  }

  var email: Email? {
    switch self {
    case .site(let request): request.email
    case .llmsText(let request): request.email
    }
  }
}
