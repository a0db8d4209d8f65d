/// The HTML elements that the page reader distinguishes.
enum Tag: UInt8 {
  case document, text, other
  /// Any other inline element, such as `abbr`, `mark` or `u`.
  case inline
  /// Any custom element (with a hyphen in its name).
  case custom
  case html, head, body, title, meta, link, base, script, style, template, noscript
  case div, p, h1, h2, h3, h4, h5, h6, ul, ol, li, dl, dt, dd, pre, blockquote, hr, br, address, center
  case table, caption, thead, tbody, tfoot, tr, td, th
  case nav, header, footer, main, article, section, aside, figure, figcaption, details, summary, dialog
  case form, fieldset, label, button, input, select, option, datalist, textarea
  case a, span, em, i, b, strong, code, kbd, samp, sup, sub, small, img, time, q
  case svg, iframe, frame, canvas, video, audio, object, map

  private static let byName: [String: Tag] = {
    var names: [String: Tag] = [:]
    var raw: UInt8 = Tag.html.rawValue
    while let tag = Tag(rawValue: raw) {
      names["\(tag)"] = tag
      raw += 1
    }
    names["menu"] = .ul
    names["tt"] = .code
    for name in ["embed", "progress", "meter", "area"] { names[name] = .object }
    for name in [
      "abbr", "acronym", "bdi", "bdo", "big", "cite", "data", "del", "dfn", "font", "ins", "mark", "nobr", "rp", "rt",
      "ruby", "s", "strike",
      "u", "var", "wbr", "picture", "math", "mi", "mn", "mo", "mrow", "msup", "msub", "mfrac", "annotation",
      "semantics",
    ] { names[name] = .inline }
    return names
  }()

  /// - Parameter name: in lower case, as libxml2 reports it.
  init(name: String) { self = Tag.byName[name] ?? (name.utf8.contains(0x2d) ? .custom : .other) }

  /// 1 to 6 for `h1` to `h6`.
  var headingLevel: Int? {
    (Tag.h1.rawValue...Tag.h6.rawValue).contains(rawValue) ? Int(rawValue - Tag.h1.rawValue) + 1 : nil
  }

  /// True if the element may occur in a head (HTML standard, section 4.2.1); any other starts the body.
  var isHeadElement: Bool {
    switch self {
    case .title, .meta, .link, .base, .script, .style, .template, .noscript: true
    default: false
    }
  }

  /// True if the text before and after it belongs to different blocks.
  var isBlock: Bool {
    switch self {
    case .text, .inline, .a, .span, .em, .i, .b, .strong, .code, .kbd, .samp, .sup, .sub, .small, .img, .time, .q,
      .label, .br, .input,
      .link, .meta, .base, .frame:
      false
    default: !hasNoVisibleText
    }
  }

  /// True if its content is never visible text.
  var hasNoVisibleText: Bool {
    switch self {
    case .head, .script, .style, .template, .noscript, .select, .datalist, .textarea, .svg, .iframe, .canvas, .video,
      .audio, .object, .map:
      true
    default: false
    }
  }
}

/// The attributes that the page reader needs; all others are dropped.
enum AttributeName: String, CaseIterable {
  case id, `class`, href, rel, name, property, content, lang, hreflang, type, role, hidden, alt, datetime, itemprop,
    src, start
  case httpEquiv = "http-equiv"
  case ariaHidden = "aria-hidden"
  case ariaLabel = "aria-label"
  case testID = "data-testid"

  static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })
}
