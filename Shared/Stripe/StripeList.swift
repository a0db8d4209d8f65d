/// The first page of a list inside another object (docs.stripe.com/api/pagination).
struct StripeList<Element: Decodable>: Decodable {
  let data: [Element]
  let hasMore: Bool

  private enum CodingKeys: String, CodingKey {
    case data
    case hasMore = "has_more"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    data = try container.decode([Element].self, forKey: .data)
    hasMore = try container.decodeIfPresent(Bool.self, forKey: .hasMore) ?? false
  }
}
