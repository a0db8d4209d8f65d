import Fetch
import FetchCurl
import Support
import Testing

/// A fetcher that may connect to loopback, shared by tests that do not check its connections.
let loopbackFetcher = makeLoopbackFetcher()

/// Creates a separate fetcher for tests that check connections: in a shared one, other tests' connections could evict
/// theirs.
func makeLoopbackFetcher() -> Fetcher {
  .curl(guard: AddressGuard(allowing: [IPNetwork("127.0.0.0/8")!]), userAgent: "TestAgent/1.0")
}

/// Runs a server that answers with `response` while `body` runs.
func withServer<Result>(
  _ response: @escaping @Sendable (String) -> ScriptedResponse, _ body: (ScriptedServer) async throws -> Result
) async throws -> Result {
  let server = try ScriptedServer { response($0.text) }
  defer { server.stop() }
  return try await body(server)
}

/// Fetches from a server that gives this response to every request.
func fetch(_ response: ScriptedResponse, change: (inout FetchRequest) -> Void = { _ in }) async throws -> FetchResponse
{
  try await withServer { _ in
    response
  } _: { server in
    var request = FetchRequest(server.url())
    change(&request)
    return try await loopbackFetcher.fetch(request)
  }
}

/// Expects a fetch to return status 200.
func expectSuccess(_ fetcher: Fetcher, _ request: FetchRequest, sourceLocation: SourceLocation = #_sourceLocation)
  async throws
{
  let response = try await fetcher.fetch(request)
  #expect(response.status == 200, sourceLocation: sourceLocation)
}

/// Expects a fetch to fail with this code.
func expectFailure(
  _ code: FetchError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> some Any
) async {
  let error = await #expect(throws: FetchError.self, sourceLocation: sourceLocation) { _ = try await body() }
  #expect(error?.code == code, sourceLocation: sourceLocation)
}

/// "hello hello hello hello", compressed with gzip (RFC 1952).
let gzippedHello: [UInt8] = [
  31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 87, 200, 64, 39, 1, 227, 81, 61, 141, 23, 0, 0, 0,
]

/// Returns a gzip bomb: a gzip member without a trailer that decompresses to 258 zeros for each match, and one more.
///
/// It is a single block with fixed Huffman codes (RFC 1951, section 3.2.6).
func gzipBomb(matches: Int) -> [UInt8] {
  var bits: [UInt8] = [1, 1, 0] + [0, 0, 1, 1, 0, 0, 0, 0]
  for _ in 0..<matches { bits += [1, 1, 0, 0, 0, 1, 0, 1] + [0, 0, 0, 0, 0] }
  bits += Array(repeating: 0, count: 7 + 8)
  var bytes: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
  for start in stride(from: 0, to: bits.count - 7, by: 8) {
    var byte: UInt8 = 0
    for offset in 0..<8 { byte |= bits[start + offset] << UInt8(offset) }
    bytes.append(byte)
  }
  return bytes
}
