import Contract
import Testing

struct FunctionTests {
  @Test(
    "the first segment of a path selects the function",
    arguments: [
      ("/analyze", Function.analyze), ("/analyze/123", .analyze), ("/generate/1/content", .generate),
      ("/usage/history", .usage), ("/health", .usage), ("/live", .usage), ("/webhook/stripe", .webhook),
      ("/checkout", .checkout), ("//checkout", .checkout),
    ])
  func functionOfPath(path: String, function: Function) { #expect(Function(servingPath: path) == function) }

  @Test("no function serves other paths", arguments: ["", "/", "/nothing", "/Analyze", "/analyzer", "/%61nalyze"])
  func noFunction(path: String) { #expect(Function(servingPath: path) == nil) }
}
