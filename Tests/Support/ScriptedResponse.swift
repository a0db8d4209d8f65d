/// The actions of a ``ScriptedServer`` on a connection after it has received a request.
package struct ScriptedResponse: Sendable {
  package enum Step: Sendable {
    case send([UInt8])
    /// Sends the bytes this many times, or until the client disconnects.
    case flood([UInt8], times: Int)
    /// Sends one byte at a time with a pause after each, until the client disconnects.
    case drip([UInt8], milliseconds: UInt32)
    case pause(milliseconds: UInt32)
    /// Sends nothing until the client disconnects.
    case silence
    /// Closes the connection with a TCP reset.
    case reset
  }

  package var steps: [Step]
  /// Whether the connection accepts another request afterwards; otherwise the server closes it.
  package var keepsAlive: Bool

  package init(steps: [Step], keepsAlive: Bool = false) {
    self.steps = steps
    self.keepsAlive = keepsAlive
  }

  /// Sends this text unchanged, then closes the connection.
  package static func text(_ text: String) -> ScriptedResponse { ScriptedResponse(steps: [.send(Array(text.utf8))]) }

  /// A complete and valid response, after which the connection stays open.
  package static func response(
    _ status: String = "200 OK", headers: [String] = [], body: [UInt8] = []
  ) -> ScriptedResponse {
    let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)"] + headers
    let head = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    // A large body is sent separately, so that it is not copied. A small one is sent with the head, because a second
    // write would wait for the acknowledgement of the first.
    let steps: [Step] = body.count < 1 << 16 ? [.send(head + body)] : [.send(head), .send(body)]
    return ScriptedResponse(steps: steps, keepsAlive: true)
  }
}
