/// The kinds of elements and ARIA roles among the ancestors of a text block.
struct Surroundings: OptionSet {
  let rawValue: UInt8

  static let main = Surroundings(rawValue: 1 << 0)
  static let navigation = Surroundings(rawValue: 1 << 1)
  static let footer = Surroundings(rawValue: 1 << 2)
  static let dialog = Surroundings(rawValue: 1 << 3)
  /// A list item or a table cell.
  static let item = Surroundings(rawValue: 1 << 4)

  static let article = Surroundings(rawValue: 1 << 5)

  init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The value for an element's tag.
  init(_ tag: Tag) {
    switch tag {
    case .main: self = .main
    case .article: self = .article
    case .nav: self = .navigation
    case .footer: self = .footer
    case .dialog: self = .dialog
    case .li, .dl, .td, .th: self = .item
    default: self = []
    }
  }

  /// The value for an element's ARIA role.
  init(role: ArraySlice<UInt8>) {
    switch String(decoding: role, as: UTF8.self).lowercased() {
    case "navigation": self = .navigation
    case "contentinfo": self = .footer
    case "main": self = .main
    case "dialog", "alertdialog": self = .dialog
    default: self = []
    }
  }
}
