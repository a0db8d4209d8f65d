import Testing
import Web

/// Rendering of the main content as CommonMark with GitHub's tables.
@Suite struct Markdown {
  @Test(
    "block elements become Markdown blocks",
    arguments: [
      ("<h1>One</h1><p>Two</p><h3>Three</h3>", "# One\n\nTwo\n\n### Three"),
      ("<p>a\n b</p><div>c<br>d</div>", "a b\n\nc d"),
      ("<ul><li>one<li>two</ul>", "- one\n- two"),
      ("<ol><li>one<li>two</ol>", "1. one\n2. two"),
      ("<ol start=3><li>three<ul><li>nested</ul><li>four</ol>", "3. three\n   - nested\n4. four"),
      ("<ul><li>one<ul><li>two</ul><p>more of one</p></ul>", "- one\n  - two\n\n  more of one"),
      ("<ol><li>one<pre>a\nb</pre></ol>", "1. one\n\n   ```\n   a\n   b\n   ```"),
      ("<ul><li>one<ul><li>two<ul><li>three</ul></ul><li>four</ul>", "- one\n  - two\n    - three\n- four"),
      ("<p>a</p><ul><li>b</ul><p>c</p>", "a\n\n- b\n\nc"),
      ("<blockquote><p>said</p></blockquote>", "> said"),
      ("<pre><code>let a = 1\n  b()\n</code></pre>", "```\nlet a = 1\n  b()\n```"),
      ("<pre><code class='hljs language-js'>x</code></pre>", "```js\nx\n```"),
      ("<div class=highlight-python3><div class=highlight><pre>x</pre></div></div>", "```python3\nx\n```"),
      ("<pre class=lang-c++>x</pre>", "```c++\nx\n```"),
      ("<pre class=language-none>x</pre>", "```\nx\n```"),
      ("<pre>a<br>b</pre>", "```\na\nb\n```"),
      ("<pre>```\nx\n```</pre>", "````\n```\nx\n```\n````"),
      ("<p># no heading</p><p>1. no list</p><p>- none</p>", "\\# no heading\n\n1\\. no list\n\n\\- none"),
      ("<p>&gt; no quote</p><p>2) none</p><p>~~~ a</p>", "\\> no quote\n\n2\\) none\n\n\\~~~ a"),
      ("<p>#1 of all</p><p>1.5 times</p><p>-1 degree</p>", "#1 of all\n\n1.5 times\n\n-1 degree"),
      ("<table><tr><th>A<th>B<tr><td>1<td>2<tr><td>3<td>4</table>", "| A | B |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |"),
      ("<table><tr><td>a|b<td>c<tr><td>d<td>e</table>", "| a\\|b | c |\n| --- | --- |\n| d | e |"),
      (
        "<table><tr><td>a<tr><td>b</table><table><tr><td>c<tr><td>d</table>",
        "| a |\n| --- |\n| b |\n\n| c |\n| --- |\n| d |"
      ),
    ])
  func blocks(html: String, expected: String) throws {
    #expect(try markdown("<body><main>\(html)</main>") == expected)
  }

  @Test(
    "inline elements become Markdown, and Markdown syntax in text is escaped",
    arguments: [
      ("Use <code>a &lt; b</code> now", "Use `a < b` now"),
      ("See <a href='/x y#z'>the <em>page</em></a>.", "See [the page](https://example.com/x%20y)."),
      ("<a href='../up'>Up</a> first", "[Up](https://example.com/up) first"),
      ("A <strong>bold</strong> word", "A **bold** word"),
      ("A <em>stressed</em> word, <i>too </i>long", "A *stressed* word, *too* long"),
      ("An <i class=icon></i>icon", "An icon"),
      ("Use <code>a`b</code> or <code>``</code>", "Use ``a`b`` or ``` `` ```"),
      ("A &lt;div&gt; is less &lt; more", "A \\<div> is less < more"),
      ("<code>low</code> and <code>high</code>", "`low` and `high`"),
      ("<strong>Bold</strong> at first", "**Bold** at first"),
      ("<span><a href=/x><b>Link</b></a></span> at first", "[Link](https://example.com/x) at first"),
      ("No <a href='#here'>place</a>, <a href='javascript:x'>script</a>, <a>name</a>", "No place, script, name"),
      ("One<script>two</script> three<!-- four -->", "One three"),
    ])
  func inline(html: String, expected: String) throws {
    #expect(try markdown("<body><main><p>\(html)</p></main>") == expected)
  }

  @Test("navigation and other boilerplate are omitted")
  func boilerplate() throws {
    let html =
      "<body><nav><a href=/>Home</a></nav><main><h1>Title</h1>\(paragraph("Text"))</main><footer>Imprint</footer>"
    let markdown = try markdown(html)
    #expect(markdown.hasPrefix("# Title\n\nText explains"))
    #expect(!markdown.contains("Home") && !markdown.contains("Imprint"))
  }
}
