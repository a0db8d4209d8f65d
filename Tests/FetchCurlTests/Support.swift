import Fetch
import FetchCurl
import Testing

/// A fetcher to which loopback is open, shared by tests that do not look at its connections.
let opened = openedFetcher()

/// One of its own: of a shared one's kept connections, other tests' push the oldest out.
func openedFetcher() -> Fetcher {
  .curl(guard: AddressGuard(opened: [IPNetwork("127.0.0.0/8")!]), userAgent: "TestAgent/1.0")
}

/// Runs a server for as long as `body` runs.
func withServer<Result>(
  _ answer: @escaping @Sendable (String) -> TestServer.Answer, _ body: (TestServer) async throws -> Result
) async throws -> Result {
  let server = TestServer(answer: answer)
  defer { server.stop() }
  return try await body(server)
}

/// Fetches from a server that answers this to everything.
func fetch(_ answer: TestServer.Answer, change: (inout FetchRequest) -> Void = { _ in }) async throws -> FetchResponse {
  try await withServer { _ in
    answer
  } _: { server in
    var request = FetchRequest(server.url())
    change(&request)
    return try await opened.fetch(request)
  }
}

/// Expects a fetch to be answered with 200.
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

/// "hello" four times, with a space between, packed by gzip (RFC 1952).
let packedHello: [UInt8] = [
  31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 87, 200, 64, 39, 1, 227, 81, 61, 141, 23, 0, 0, 0,
]

/// A gzip member of 258 zeros for each match, and one more: a fixed Huffman block (RFC 1951, section 3.2.6). It has no
/// trailer.
func bomb(matches: Int) -> [UInt8] {
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
