/// The paths at which sites publish their llms.txt.
package enum LLMSFilePlaces {
  /// The places that some sites use instead of `/llms.txt`, the likeliest first. Few clients look there.
  package static let unusual = ["/.well-known/llms.txt", "/docs/llms.txt"]
}
