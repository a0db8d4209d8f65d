/// Which part of an endpoint cannot be used; it quotes none of them.
package enum InvalidModelEndpoint: String, Error, Sendable, CustomStringConvertible {
  case name
  case base
  case key
  case model
  case contextWindow = "context_window"
  case structure

  package var description: String {
    switch self {
    case .name: "an endpoint's name must be 1 to 64 visible ASCII characters"
    case .base: "an endpoint's address must begin with http:// or https://, and have neither credentials nor a query"
    case .key: "an endpoint's key must be visible ASCII characters, as a header can hold them"
    case .model: "a model's name must be 1 to 200 visible ASCII characters"
    case .contextWindow: "a model's context window must be a positive number of tokens"
    case .structure: "only Anthropic's dialect can be held to a schema by a tool"
    }
  }
}
