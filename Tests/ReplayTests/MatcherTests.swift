import Contract
import JSONValues
import Testing

@testable import Replay

struct MatcherTests {
  private static func value(_ json: String) throws -> JSONValue {
    try JSON.decode(JSONValue.self, from: Array(json.utf8))
  }

  private static func matcher(_ actual: String, _ expected: String) throws -> Matcher {
    var matcher = Matcher()
    matcher.compare(try value(actual), with: try value(expected))
    return matcher
  }

  @Test(
    "equal values and patterns match",
    arguments: [
      (#"{"a":[1,"x",null,true]}"#, #"{"a":[1,"x",null,true]}"#),
      (#"{"a":"0f0e0d0c-0000-4000-8000-000000000001"}"#, #"{"a":"{{uuid}}"}"#),
      (#"{"a":"2025-01-02T03:04:05Z"}"#, #"{"a":"{{time}}"}"#),
      (#"{"a":1.5}"#, #"{"a":"{{number}}"}"#), (#"{"a":""}"#, #"{"a":"{{text}}"}"#),
      (#"{"headers":{"x":"1","server":"any"}}"#, #"{"headers":{"x":"1"}}"#),
    ])
  func matches(actual: String, expected: String) throws {
    #expect(try Self.matcher(actual, expected).differences.isEmpty)
  }

  /// Negative control: a matcher that accepts everything would pass the test above.
  @Test(
    "every difference is named with its place",
    arguments: [
      (#"{"a":1}"#, #"{"a":2}"#, ["a is 1, not 2"]), (#"{"a":1}"#, #"{"a":"1"}"#, [#"a is 1, not "1""#]),
      (#"{"a":1}"#, #"{}"#, ["a was not expected"]), (#"{}"#, #"{"a":1}"#, ["a is missing"]),
      (#"{"a":{"b":1}}"#, #"{"a":{"c":1}}"#, ["a.b was not expected", "a.c is missing"]),
      (#"{"a":[1,2,3]}"#, #"{"a":[1,4]}"#, ["a has 3 elements, not 2", "a[1] is 2, not 4"]),
      (#"{"headers":{}}"#, #"{"headers":{"x":"1"}}"#, ["headers.x is missing"]),
      (#"{"body":{"headers":{"x":1}}}"#, #"{"body":{"headers":{}}}"#, ["body.headers.x was not expected"]),
      (#"{"a":"no id"}"#, #"{"a":"{{uuid}}"}"#, [#"a is "no id", not {{uuid}}"#]),
      (#"{"a":"yesterday"}"#, #"{"a":"{{time}}"}"#, [#"a is "yesterday", not {{time}}"#]),
      (#"{"a":"1"}"#, #"{"a":"{{number}}"}"#, [#"a is "1", not {{number}}"#]),
      (#"{"a":1}"#, #"{"a":"{{text}}"}"#, ["a is 1, not {{text}}"]),
      (#"{"a":"x"}"#, #"{"a":"{{anything}}"}"#, [#"a is "x", not {{anything}}"#]),
    ])
  func differences(actual: String, expected: String, differences: [String]) throws {
    #expect(try Self.matcher(actual, expected).differences == differences)
  }

  @Test("a pattern with a name captures the value")
  func capture() throws {
    let id = "0f0e0d0c-0000-4000-8000-000000000001"
    let matcher = try Self.matcher(#"{"a":"\#(id)","b":"x"}"#, #"{"a":"{{uuid:report}}","b":"{{text:name}}"}"#)
    #expect(matcher.captured == ["report": id, "name": "x"])
    #expect(matcher.differences.isEmpty)
  }

  @Test("a long value is shortened in the message")
  func longValue() throws {
    let difference = try Self.matcher(#"{"a":"\#(String(repeating: "x", count: 1000))"}"#, #"{"a":1}"#).differences[0]
    #expect(difference.count < 250 && difference.contains("…"))
  }

  @Test("texts of several lines are compared line by line")
  func lines() throws {
    let actual = #"{"a":"Tea\n\n- Sencha\n- Bancha\nend"}"#
    let expected = #"{"a":"Tea\n\n- Sencha\n- Gyokuro\n- Matcha\nend"}"#
    #expect(
      try Self.matcher(actual, expected).differences == ["a differs:", "- - Gyokuro", "- - Matcha", "+ - Bancha"])
    let many = (0..<100).map { "line \($0)" }.joined(separator: #"\n"#)
    let differences = try Self.matcher(#"{"a":"\#(many)"}"#, #"{"a":"x"}"#).differences
    #expect(differences.count == 42 && differences.last == "… and 61 more lines")
  }

  @Test("the equal beginning of long texts is left out")
  func longTexts() throws {
    let start = String(repeating: "x", count: 500)
    let difference = try Self.matcher(#"{"a":"\#(start)new"}"#, #"{"a":"\#(start)old"}"#).differences[0]
    #expect(difference.contains("new\"") && difference.contains("old\"") && difference.count < 200)
  }
}
