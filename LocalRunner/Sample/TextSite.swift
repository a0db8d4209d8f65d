/// A website that one text file describes: its pages, and the layouts that turn them into HTML.
///
/// ```
/// name: Lindholm                                  # a default for all pages
/// title: {h1} – {name}
/// layout page:
///   <title>{title}</title>
///   <meta name="description" content="{description}">
///   <nav>{list navigation}</nav><h1>{h1}</h1>{text}
/// item navigation: <li><a href="{path}">{label}</a></li>
///
/// @ /tea/                                         # a page
/// in: navigation /                                # the lists that contain its link
/// h1: Tea
///   ## Green tea
///   From [three gardens](/gardens/) in Uji.
/// ```
///
/// - A line of a layout is left out if it names a field that the page lacks, or an empty list.
/// - `{list PLACE ITEM}` is the list of the pages with `PLACE` in their line `in:`. `here` stands for the page's own
///   path, and `@NAME` for all pages with the layout `NAME`. `ITEM` is the name of the `item` line for each entry; by
///   default it is `PLACE`.
/// - A page has the layout `page` unless its line `layout:` names another one. With `layout: none` the text is the
///   complete response.
/// - The text of a page is indented by two spaces. `## ` begins a heading, `- ` a list item and `<` a line of HTML;
///   every other line is a paragraph. `element p: <div>{content}</div>` replaces an element by other markup.
/// - Other lines are fields for the placeholders. Tests read the fields `role` and `says`.
/// - A line that begins with `#` is a comment. `{origin}` is the site's origin.
package struct TextSite: Sendable {
  package struct Page: Sendable {
    package let path: String
    package fileprivate(set) var fields: [String: String] = [:]
    fileprivate var lines: [String] = []

    /// The lists that contain the page's link: names such as `navigation`, and paths of pages.
    package var places: [Substring] { fields["in"]?.split(separator: " ") ?? [] }
    package var layout: String { fields["layout"] ?? "page" }
  }

  package private(set) var pages: [Page] = []
  private var defaults: [String: String] = [:]
  private var layouts: [String: [String]] = [:]
  /// The markup of list entries and elements, by `item NAME` or `element NAME`.
  private var markup: [String: String] = [:]

  package init(_ text: String) {
    var layout: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("@ ") {
        pages.append(Page(path: String(line.dropFirst(2))))
      } else if line.hasPrefix("  ") {
        let content = String(line.dropFirst(2))
        if pages.isEmpty, let layout {
          layouts[layout, default: []].append(content)
        } else if !pages.isEmpty {
          pages[pages.count - 1].lines.append(content)
        }
      } else if !line.hasPrefix("#"), let colon = line.firstIndex(of: ":") {
        let key = String(line[..<colon])
        let value = String(line[line.index(after: colon)...].drop { $0 == " " })
        let words = key.split(separator: " ")
        switch (words.count, words.first) {
        case (2, "layout"): layout = String(words[1])
        case (2, "item"), (2, "element"): markup[key] = value
        default:
          if pages.isEmpty { defaults[key] = value } else { pages[pages.count - 1].fields[key] = value }
        }
      }
    }
  }

  /// Returns the content type and the body for a request target, or nil if the site has no such page.
  ///
  /// The query is ignored, as most sites do.
  ///
  /// - Parameter origin: the address of the site without a slash at the end.
  package func response(to target: some StringProtocol, origin: String) -> (type: String, body: String)? {
    let path = target.prefix { $0 != "?" }
    guard let page = pages.first(where: { $0.path == path }) else { return nil }
    let type =
      if path.hasSuffix(".xml") {
        "application/xml"
      } else if path.hasSuffix(".txt") {
        "text/plain; charset=utf-8"
      } else {
        "text/html; charset=utf-8"
      }
    if page.layout == "none" {
      return (type, page.lines.map { expanded($0, page, origin) ?? $0 }.joined(separator: "\n") + "\n")
    }
    let lines = layouts[page.layout, default: []].compactMap { expanded($0, page, origin) }
    return (type, lines.joined(separator: "\n") + "\n")
  }

  /// Replaces the placeholders of a text.
  ///
  /// - Returns: nil if a field is missing or a list is empty.
  private func expanded(_ text: some StringProtocol, _ page: Page, _ origin: String) -> String? {
    var result = ""
    var rest = Substring(text)
    while let brace = rest.firstIndex(of: "{") {
      result += rest[..<brace]
      rest = rest[brace...].dropFirst()
      guard let end = rest.firstIndex(of: "}"), rest.first?.isLowercase == true,
        rest[..<end].allSatisfy({ $0.isLetter || $0.isNumber || " /@-_.".contains($0) })
      else {
        result += "{"
        continue
      }
      guard let value = value(of: rest[..<end], page, origin) else { return nil }
      result += value
      rest = rest[end...].dropFirst()
    }
    return result + rest
  }

  private func value(of placeholder: Substring, _ page: Page, _ origin: String) -> String? {
    let words = placeholder.split(separator: " ")
    switch words[0] {
    case "origin": return origin
    case "path": return page.path
    case "text": return html(page)
    case "list":
      guard words.count > 1 else { return nil }
      let item = markup["item \(words.count > 2 ? words[2] : words[1])"] ?? #"<li><a href="{path}">{label}</a></li>"#
      let entries = pages.filter { entry in
        words[1].hasPrefix("@")
          ? entry.layout == words[1].dropFirst()
          : entry.places.contains(words[1] == "here" ? Substring(page.path) : words[1])
      }
      return entries.isEmpty ? nil : entries.compactMap { expanded(item, $0, origin) }.joined()
    case "label": return (page.fields["label"] ?? page.fields["h1"]).flatMap { expanded($0, page, origin) }
    default:
      let field = String(words[0])
      return (page.fields[field] ?? defaults[field]).flatMap { expanded($0, page, origin) }
    }
  }

  /// The HTML of a page's text.
  private func html(_ page: Page) -> String {
    var result: [String] = []
    var items: [String] = []
    func endList() {
      if !items.isEmpty { result.append(element("ul", items.joined())) }
      items = []
    }
    for line in page.lines {
      if line.hasPrefix("- ") {
        items.append(element("li", Self.linked(line.dropFirst(2))))
        continue
      }
      endList()
      if line.hasPrefix("## ") {
        result.append(element("h2", Self.linked(line.dropFirst(3))))
      } else if line.hasPrefix("<") {
        result.append(line)
      } else if !line.isEmpty {
        result.append(element("p", Self.linked(line[...])))
      }
    }
    endList()
    return result.joined(separator: "\n")
  }

  private func element(_ name: String, _ content: String) -> String {
    (markup["element \(name)"] ?? "<\(name)>{content}</\(name)>").replacing("{content}", with: content)
  }

  /// Turns `[text](address)` into links.
  private static func linked(_ text: Substring) -> String {
    String(text).replacing(/\[([^\]]+)\]\(([^)]+)\)/) { "<a href=\"\($0.2)\">\($0.1)</a>" }
  }
}
