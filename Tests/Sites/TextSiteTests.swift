import SampleSite
import Testing

/// The form of the files that describe sites.
struct TextSiteTests {
  private static let site = TextSite(
    """
    # A comment
    name: Tea House
    title: {h1} – {name}
    layout page:
      <title>{title}</title>
      <meta name="description" content="{description}">
      <nav>{list menu}</nav>
      <h1>{h1}</h1>{text}
      <ul>{list here card}</ul>
    layout urls:
      {list @page url}
    item menu: <a href="{path}">{label}</a>
    item card: <li>{h1} {price}</li>
    item url: <loc>{origin}{path}</loc>
    element p: <div>{content}</div>

    @ /robots.txt
    layout: none
      User-agent: *
      Sitemap: {origin}/sitemap.xml

    @ /sitemap.xml
    layout: urls

    @ /
    h1: Welcome
      We sell [tea](/tea/) {and} more.

    @ /tea/
    in: menu
    label: Our tea
    h1: Tea
    description: All teas
      ## Green
      - Sencha
      - Bancha
      <hr>

    @ /tea/sencha
    in: /tea/
    h1: Sencha
    price: 12
    """)

  private static func body(_ target: String) -> String? {
    site.response(to: target, origin: "https://tea.example")?.body
  }

  @Test func fieldsAndListsAreInserted() {
    #expect(
      Self.body("/tea/") == """
        <title>Tea – Tea House</title>
        <meta name="description" content="All teas">
        <nav><a href="/tea/">Our tea</a></nav>
        <h1>Tea</h1><h2>Green</h2>
        <ul><li>Sencha</li><li>Bancha</li></ul>
        <hr>
        <ul><li>Sencha 12</li></ul>

        """)
  }

  @Test func lineWithMissingFieldOrEmptyListIsLeftOut() {
    #expect(
      Self.body("/") == """
        <title>Welcome – Tea House</title>
        <nav><a href="/tea/">Our tea</a></nav>
        <h1>Welcome</h1><div>We sell <a href="/tea/">tea</a> {and} more.</div>

        """)
  }

  @Test func completeResponsesAndListsByLayout() throws {
    #expect(Self.body("/robots.txt") == "User-agent: *\nSitemap: https://tea.example/sitemap.xml\n")
    let sitemap = try #require(Self.site.response(to: "/sitemap.xml", origin: "https://tea.example"))
    #expect(sitemap.type == "application/xml")
    #expect(
      sitemap.body == "<loc>https://tea.example/</loc><loc>https://tea.example/tea/</loc>"
        + "<loc>https://tea.example/tea/sencha</loc>\n")
  }

  @Test func queryIsIgnoredAndOtherPathsAreUnknown() {
    #expect(Self.body("/tea/?sort=price") == Self.body("/tea/"))
    #expect(Self.body("/coffee/") == nil)
  }
}
