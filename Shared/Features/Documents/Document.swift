package import FoundationEssentials

/// A document as it is stored.
package struct Document: Sendable, Decodable {
  package let accountID: UUID
  package let documentID: UUID
  /// The name of the ``Kind`` that generated it.
  package let kind: String
  package let mediaType: String
  package let content: String
  /// The id of the analysis that the document was generated from; nil if it was generated from something else.
  package let source: UUID?
  package let createdAt: Date
}
