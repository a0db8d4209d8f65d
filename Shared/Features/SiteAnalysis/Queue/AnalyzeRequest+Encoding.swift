import Crawling
import Web

/// Encodes the options of the analysis for the queue, without the caller's email.
extension AnalyzeRequest: Encodable {
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(publicAddress?.source ?? url, forKey: .url)
    try container.encodeIfPresent(publicAddress?.base, forKey: .baseUrl)
    try container.encode(maxPages, forKey: .maxPages)
    try container.encode(include.map(\.pattern), forKey: .include)
    try container.encode(exclude.map(\.pattern), forKey: .exclude)
    try container.encodeIfPresent(language, forKey: .language)
    try container.encodeIfPresent(model, forKey: .model)
    try container.encodeIfPresent(existing, forKey: .existing)
  }
}
