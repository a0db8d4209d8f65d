/// What a block of text stands in: the elements and ARIA roles of all its ancestors.
struct Surroundings: OptionSet {
  let rawValue: UInt8

  static let main = Surroundings(rawValue: 1 << 0)
  static let navigation = Surroundings(rawValue: 1 << 1)
  static let footer = Surroundings(rawValue: 1 << 2)
  static let dialog = Surroundings(rawValue: 1 << 3)
  /// An item of a list of whatever kind, or a cell of a table.
  static let item = Surroundings(rawValue: 1 << 4)

  static let article = Surroundings(rawValue: 1 << 5)

  init(rawValue: UInt8) { self.rawValue = rawValue }

  /// What an element adds by its name.
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

  /// What an element adds by its role.
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
