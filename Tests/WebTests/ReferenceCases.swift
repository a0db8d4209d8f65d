/// Test texts with the results of the format's reference parser.
///
/// The expected values are the results of `parse_llms_file` of llms-txt 0.0.7 (PyPI, Python 3): `crash` if it raised
/// an exception, else the result as JSON, with a link as `[title, url, desc]`.
enum ReferenceCases {
  static let all: [(name: String, text: String, expected: String)] = [
    (
      "whole",
      "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n- [b](https://x.example/b)\n\n## Optional\n\n- [c](https://x.example/c): e\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"https://x.example/a\",\"d\"],[\"b\",\"https://x.example/b\",null]],\"Optional\":[[\"c\",\"https://x.example/c\",\"e\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "empty", "",
      "crash"
    ),
    (
      "title alone", "# T",
      "crash"
    ),
    (
      "title alone with line end", "# T\n",
      "crash"
    ),
    (
      "title and H2", "# T\n## A\n\n- [a](https://x.example/a): d\n",
      "crash"
    ),
    (
      "title, empty line, H2", "# T\n\n## A\n\n- [a](https://x.example/a): d\n",
      "crash"
    ),
    (
      "title and summary, no paragraph", "# T\n\n> s\n\n## A\n\n- [a](https://x.example/a): d\n",
      "{\"info\":\"> s\",\"sections\":{\"A\":[[\"a\",\"https://x.example/a\",\"d\"]]},\"summary\":null,\"title\":\"T\"}"
    ),
    (
      "title and paragraph", "# T\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"https://x.example/a\",\"d\"]]},\"summary\":null,\"title\":\"T\"}"
    ),
    (
      "title and summary without empty line", "# T\n> s\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"https://x.example/a\",\"d\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "summary without empty line after", "# T\n\n> s\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"https://x.example/a\",\"d\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "two lines of blockquote", "# T\n\n> s\n> u\n\n## A\n\n- [a](https://x.example/a): d\n",
      "{\"info\":\"> u\",\"sections\":{\"A\":[[\"a\",\"https://x.example/a\",\"d\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "two lines and info", "# T\n\n> s\n> u\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n",
      "{\"info\":\"> u\\n\\ninfo\",\"sections\":{\"A\":[[\"a\",\"https://x.example/a\",\"d\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "summary after text", "# T\n\ninfo\n\n> s\n\nmore\n\n## A\n\n- [a](https://x.example/a): d\n",
      "{\"info\":\"info\\n\\n> s\\n\\nmore\",\"sections\":{\"A\":[[\"a\",\"https://x.example/a\",\"d\"]]},\"summary\":null,\"title\":\"T\"}"
    ),
    (
      "title of two lines", "# T\nmore\n\n> s\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"https://x.example/a\",\"d\"]]},\"summary\":\"s\",\"title\":\"T\\nmore\"}"
    ),
    (
      "no title", "> s\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n",
      "crash"
    ),
    (
      "H2 first", "## A\n\n- [a](https://x.example/a): d\n",
      "crash"
    ),
    (
      "byte order mark", "\u{feff}# T\n\n> s\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n",
      "crash"
    ),
    (
      "CRLF", "# T\r\n\r\n> s\r\n\r\ninfo\r\n\r\n## A\r\n\r\n- [a](https://x.example/a): d\r\n",
      "{\"info\":\"\\r\\ninfo\",\"sections\":{\"A\\r\":[[\"a\",\"https://x.example/a\",\"d\"]]},\"summary\":\"s\\r\",\"title\":\"T\\r\\n\\r\"}"
    ),
    (
      "CRLF optional", "# T\r\n\r\n> s\r\n\r\ninfo\r\n\r\n## Optional\r\n- [a](b)\r\n",
      "{\"info\":\"\\r\\ninfo\",\"sections\":{\"Optional\\r\":[[\"a\",\"b\",null]]},\"summary\":\"s\\r\",\"title\":\"T\\r\\n\\r\"}"
    ),
    (
      "CR alone", "# T\r\r> s\r\rinfo\r\r## A\r\r- [a](https://x.example/a): d\r",
      "crash"
    ),
    (
      "prose in section", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n\nprose\n",
      "crash"
    ),
    (
      "comment in section", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n<!-- c -->\n",
      "crash"
    ),
    (
      "star", "# T\n\n> s\n\ninfo\n\n## A\n\n* [a](b)\n",
      "crash"
    ),
    (
      "plus", "# T\n\n> s\n\ninfo\n\n## A\n\n+ [a](b)\n",
      "crash"
    ),
    (
      "number", "# T\n\n> s\n\ninfo\n\n## A\n\n1. [a](b)\n",
      "crash"
    ),
    (
      "bold link", "# T\n\n> s\n\ninfo\n\n## A\n\n- **[a](b)**: d\n",
      "crash"
    ),
    (
      "bold title", "# T\n\n> s\n\ninfo\n\n## A\n\n- [**a**](b): d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"**a**\",\"b\",\"d\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "plain link", "# T\n\n> s\n\ninfo\n\n## A\n\n[a](b)\n",
      "crash"
    ),
    (
      "nested", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](b)\n  - [c](d)\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"b\",null],[\"c\",\"d\",null]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "bracket in title", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a[1]](b): d\n",
      "crash"
    ),
    (
      "escaped bracket in title", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a\\]b](c): d\n",
      "crash"
    ),
    (
      "opening bracket in title", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a[b](c): d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a[b\",\"c\",\"d\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "parenthesis in URL", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](https://x.example/b_(c)): d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"https://x.example/b_(c\",null]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "opening parenthesis in URL", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](b(c): d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"b(c\",\"d\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "URL title", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](b \"t\"): d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"b \\\"t\\\"\",\"d\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "dash before description", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](b) - d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"b\",null]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "long dash", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](b) \u{2014} d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"b\",null]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "space and colon", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](b) : d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"b\",null]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "colon without space", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](b):d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"b\",\"d\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "colon alone", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](b):\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"b\",\"\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "no space after dash", "# T\n\n> s\n\ninfo\n\n## A\n\n-[a](b): d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"b\",\"d\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "two links", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](b) - [c](d)\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"b\",null]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "two links with a comma", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](b), [c](d)\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"b\",null]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "link in description", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](b): see [c](d)\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"b\",\"see [c](d)\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "empty title", "# T\n\n> s\n\ninfo\n\n## A\n\n- [](b)\n",
      "crash"
    ),
    (
      "empty URL", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a]()\n",
      "crash"
    ),
    (
      "empty title then link", "# T\n\n> s\n\ninfo\n\n## A\n\n- []() - [a](b)\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"b\",null]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "bare URL", "# T\n\n> s\n\ninfo\n\n## A\n\n- https://x.example/\n",
      "crash"
    ),
    (
      "URL in angles", "# T\n\n> s\n\ninfo\n\n## A\n\n- <https://x.example/>\n",
      "crash"
    ),
    (
      "reference link", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a][b]\n",
      "crash"
    ),
    (
      "check box", "# T\n\n> s\n\ninfo\n\n## A\n\n- [ ] [a](b)\n",
      "crash"
    ),
    (
      "words before link", "# T\n\n> s\n\ninfo\n\n## A\n\n- See [a](b)\n",
      "crash"
    ),
    (
      "table", "# T\n\n> s\n\ninfo\n\n## A\n\n| [a](b) | c |\n",
      "crash"
    ),
    (
      "quote in section", "# T\n\n> s\n\ninfo\n\n## A\n\n> [a](b)\n",
      "crash"
    ),
    (
      "H1 in section", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n# U\n",
      "crash"
    ),
    (
      "H3", "# T\n\n> s\n\ninfo\n\n## A\n\n### X\n\n- [a](b)\n",
      "{\"info\":\"info\",\"sections\":{\"# X\":[[\"a\",\"b\",null]],\"A\":[]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "H3 in head", "# T\n\n> s\n\ninfo\n\n### X\n\ntext\n## A\n\n- [a](https://x.example/a): d\n",
      "crash"
    ),
    (
      "H4", "# T\n\n> s\n\ninfo\n\n## A\n#### Y\n- [a](b)\n",
      "{\"info\":\"info\",\"sections\":{\"## Y\":[[\"a\",\"b\",null]],\"A\":[]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "indented H2", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n  ## B\n",
      "crash"
    ),
    (
      "H2 without space", "# T\n\n> s\n\ninfo\n\n##A\n- [a](b)\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"b\",null]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "nameless H2", "# T\n\n> s\n\ninfo\n\n##\n\n- [a](b)\n- [c](d)\n",
      "{\"info\":\"info\",\"sections\":{\"- [a](b)\":[[\"c\",\"d\",null]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "two sections of one name", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n## A\n\n- [b](c)\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"b\",\"c\",null]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "prose in overwritten section", "# T\n\n> s\n\ninfo\n\n## A\nprose\n## A\n- [b](c)\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"b\",\"c\",null]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "empty section", "# T\n\n> s\n\ninfo\n\n## A\n\n## B\n- [a](b)\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[],\"B\":[[\"a\",\"b\",null]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "trailing space in name", "# T\n\n> s\n\ninfo\n\n## Optional \n- [a](b)\n",
      "{\"info\":\"info\",\"sections\":{\"Optional \":[[\"a\",\"b\",null]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "fence in head", "# T\n\n> s\n\n```\n## x\n```\n\n## A\n\n- [a](https://x.example/a): d\n",
      "crash"
    ),
    (
      "fence in head without heading", "# T\n\n> s\n\n```\nx\n```\n\n## A\n\n- [a](https://x.example/a): d\n",
      "{\"info\":\"```\\nx\\n```\",\"sections\":{\"A\":[[\"a\",\"https://x.example/a\",\"d\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "fence in section", "# T\n\n> s\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n```\nx\n```\n",
      "crash"
    ),
    (
      "links before sections", "# T\n\n> s\n\n- [a](b)\n\n## A\n\n- [a](https://x.example/a): d\n",
      "{\"info\":\"- [a](b)\",\"sections\":{\"A\":[[\"a\",\"https://x.example/a\",\"d\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "links without sections", "# T\n\n> s\n\n- [a](b)\n",
      "{\"info\":\"- [a](b)\",\"sections\":{},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "setext", "T\n=\n\n> s\n\ninfo\n",
      "crash"
    ),
    (
      "two titles", "# T\n\n# U\n\n> s\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n",
      "{\"info\":\"# U\\n\\n> s\\n\\ninfo\",\"sections\":{\"A\":[[\"a\",\"https://x.example/a\",\"d\"]]},\"summary\":null,\"title\":\"T\"}"
    ),
    (
      "text before title", "hello\n# T\n\n> s\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"https://x.example/a\",\"d\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "title without space", "#T\n\n> s\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"https://x.example/a\",\"d\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "nameless title", "#\n\n> s\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"https://x.example/a\",\"d\"]]},\"summary\":null,\"title\":\"> s\"}"
    ),
    (
      "empty quote", "# T\n\n>\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"https://x.example/a\",\"d\"]]},\"summary\":\"\\n\",\"title\":\"T\"}"
    ),
    (
      "quote without space", "# T\n\n>s\n\ninfo\n\n## A\n\n- [a](https://x.example/a): d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"https://x.example/a\",\"d\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "spaces in empty lines", "# T\n \n> s\n \ninfo\n \n## A\n\n- [a](https://x.example/a): d\n",
      "{\"info\":\" \\ninfo\",\"sections\":{\"A\":[[\"a\",\"https://x.example/a\",\"d\"]]},\"summary\":\"s\",\"title\":\"T\\n \"}"
    ),
    (
      "spaces that are none to all", "# T\n\n> s\n\ninfo\n\n## A\n\n-\u{00a0}[a](b):\u{2003}d\n",
      "{\"info\":\"info\",\"sections\":{\"A\":[[\"a\",\"b\",\"d\"]]},\"summary\":\"s\",\"title\":\"T\"}"
    ),
    (
      "HTML", "<!DOCTYPE html><html></html>",
      "crash"
    ),
  ]
}
