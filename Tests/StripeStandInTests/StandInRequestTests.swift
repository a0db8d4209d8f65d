import Testing

@testable import StripeStandIn

struct StandInRequestTests {
  private static func request(_ target: String, body: String = "") -> StandInRequest {
    StandInRequest(method: "POST", target: target, body: Array(body.utf8), origin: "http://a.example")
  }

  @Test("the path is split and decoded, and the fields of the body replace those of the query")
  func parts() {
    let request = Self.request("/v1/a%2Fb/?x=1&y=2", body: "y=3&z=a+b%26&empty=&flag")
    #expect(request.segments == ["v1", "a/b"])
    #expect(request.fields == ["x": "1", "y": "3", "z": "a b&", "empty": "", "flag": ""])
  }

  @Test("nested fields are found by the name in the brackets")
  func nested() {
    let request = Self.request("/", body: "metadata[a]=1&metadata[b]=2&data[a]=3&metadata=4")
    #expect(request.nested("metadata") == ["a": "1", "b": "2"])
    #expect(request.nested("nothing").isEmpty)
  }

  @Test("a required field that is missing or empty is an error that names it", arguments: ["", "email="])
  func required(body: String) {
    let error = #expect(throws: StandInError.self) { try Self.request("/", body: body).required("email") }
    #expect(error?.status == 400 && error?.param == "email" && error?.code == "parameter_missing")
  }

  @Test("a number that is not one is an error")
  func integer() throws {
    #expect(try Self.request("/?n=12").integer("n") == 12)
    #expect(try Self.request("/").integer("n") == nil)
    #expect(throws: StandInError.self) { try Self.request("/?n=1.5").integer("n") }
  }
}
