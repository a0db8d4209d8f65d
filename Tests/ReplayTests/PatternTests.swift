import Contract
import JSONValues
import Testing

@testable import Replay

struct PatternTests {
  @Test("ids, times, durations and the sites' addresses become patterns, and other values stay")
  func generalized() {
    let value: JSONValue = [
      "id": "0F0E0D0C-0000-4000-8000-000000000001", "createdAt": "2025-01-02T03:04:05Z", "milliseconds": .number(12),
      "count": .number(12), "url": "http://127.0.0.1:4711/guides/", "title": "Tidewater", "list": ["a", nil, true],
      "shop": "http://127.0.0.1:4712/cart",
    ]
    let pattern: JSONValue = [
      "id": "{{uuid}}", "createdAt": "{{time}}", "milliseconds": "{{number}}", "count": .number(12),
      "url": "{{site}}/guides/", "title": "Tidewater", "list": ["a", nil, true], "shop": "{{site:shop}}/cart",
    ]
    let sites = ["site": "http://127.0.0.1:4711/", "site:shop": "http://127.0.0.1:4712/"]
    #expect(value.generalized(sites: sites) == pattern)
  }

  @Test("named patterns of the older file are kept, and its other values are not")
  func keptPatterns() {
    let new: JSONValue = ["id": "{{uuid}}", "a": ["{{time}}", "{{text}}"], "title": "new", "added": "{{uuid}}"]
    let old: JSONValue = ["id": "{{uuid:report}}", "a": ["{{time:at}}"], "title": "{{text}}", "removed": "{{uuid}}"]
    #expect(
      new.keepingPatterns(of: old)
        == ["id": "{{uuid:report}}", "a": ["{{time:at}}", "{{text}}"], "title": "new", "added": "{{uuid}}"])
    #expect(new.keepingPatterns(of: nil) == new)
  }

  @Test("a JSON body becomes a value, and any other body a string")
  func responses() {
    let json = Response(
      status: 200, headers: ["content-type": "application/json; charset=utf-8"], bytes: Array("[1]".utf8))
    #expect(JSONValue(json)["body"] == [.number(1)])
    let text = Response(status: 200, headers: ["content-type": "text/plain"], bytes: Array("[1]".utf8))
    #expect(JSONValue(text)["body"] == "[1]")
    let broken = Response(status: 404, headers: ["content-type": "application/json"], bytes: Array("[1".utf8))
    #expect(
      JSONValue(broken) == [
        "statusCode": .number(404), "headers": ["content-type": "application/json"], "body": "[1",
      ])
  }

  @Test("JSON values survive encoding", arguments: [#"{"a":[1,1.5,"x",null,false,{}]}"#, "9007199254740991", "\"\""])
  func roundTrip(json: String) throws {
    let value = try JSON.decode(JSONValue.self, from: Array(json.utf8))
    #expect(String(decoding: try JSON.encode(value), as: UTF8.self) == json)
  }
}
