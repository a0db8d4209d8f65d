import SiteAnalysis
import Testing

@testable import LLMSText

@Suite struct SectionOrderTests {
  @Test(
    "sections are in the order that readers of the site type expect, and unknown sections keep their order",
    arguments: [
      (
        SiteType.documentation, ["FAQs", "Guides", "Getting Started", "Reference"],
        ["Getting Started", "Guides", "Reference", "FAQs"]
      ),
      (
        .service, ["Company", "Blog", "API", "Pricing", "Customers", "Product"],
        ["Product", "Pricing", "Customers", "API", "Blog", "Company"]
      ),
      (.agency, ["About", "Case Studies", "Services"], ["Services", "Case Studies", "About"]),
      (.shop, ["Policies", "Lamps", "Collections"], ["Collections", "Lamps", "Policies"]),
      (.blog, ["About", "Articles", "Projects"], ["Articles", "Projects", "About"]),
      (.website, ["Zoo", "Ape"], ["Zoo", "Ape"]),
    ])
  func order(type: SiteType, names: [String], expected: [String]) {
    let order = SectionOrder(type)
    let sorted = names.enumerated().sorted {
      (order.rank(of: $0.element), $0.offset) < (order.rank(of: $1.element), $1.offset)
    }
    #expect(sorted.map(\.element) == expected)
  }
}
