/// The page region of each node (navigation, content, header, footer, aside), from elements, roles, classes and ids.
///
/// Computed once from the top down: looking up the ancestors of each node would take quadratic time in a deeply nested
/// page.
struct PageRegions {
  private let document: HTMLDocument
  private var regions: [Page.Link.Region]

  subscript(node: Int) -> Page.Link.Region { regions[node] }

  init(_ document: HTMLDocument) {
    self.document = document
    regions = Array(repeating: .content, count: document.nodes.count)
    var articleEnd = 0
    var names = RegionNames()
    for index in document.nodes.indices.dropFirst() {
      let node = document.nodes[index]
      let parent = document.parent(of: index)
      let inherited = regions[parent]
      guard inherited == .content, node.tag != .text else {
        regions[index] = inherited
        continue
      }
      regions[index] = ownRegion(index, isInArticle: index < articleEnd, &names) ?? .content
      if index >= articleEnd, [.article, .main, .section].contains(node.tag) { articleEnd = Int(node.end) }
    }
  }

  private func ownRegion(_ index: Int, isInArticle: Bool, _ names: inout RegionNames) -> Page.Link.Region? {
    switch document.nodes[index].tag {
    case .nav: return .navigation
    case .footer: return isInArticle ? nil : .footer
    case .header: return isInArticle ? nil : .header
    case .aside, .dialog, .form, .button, .label: return .aside
    case .body, .html, .main, .text: return nil
    default: break
    }
    let node = document.nodes[index]
    var named: Page.Link.Region?
    for attribute in document.attributes[Int(node.start)..<Int(node.start + node.count)] {
      let value = document.bytes[Int(attribute.start)..<Int(attribute.start + attribute.count)]
      switch attribute.name {
      case .role:
        if let region = Self.regionsByRole[String(decoding: value, as: UTF8.self).lowercased()] { return region }
      case .hidden: return .aside
      case .ariaHidden: if value.elementsEqual("true".utf8) { return .aside }
      case .class, .id: named = named ?? names.region(of: value)
      default: break
      }
    }
    return named
  }

  private static let regionsByRole: [String: Page.Link.Region] = [
    "navigation": .navigation, "menu": .navigation, "menubar": .navigation, "search": .navigation,
    "tablist": .navigation,
    "banner": .header, "contentinfo": .footer, "complementary": .aside, "dialog": .aside, "alert": .aside,
    "alertdialog": .aside,
  ]
}
