/// What a site does on a connection when a request has come.
struct Answer: Sendable {
  enum Step: Sendable {
    case send([UInt8])
    /// Again and again, this many times or until the client has gone.
    case flood([UInt8], times: Int)
    /// A byte at a time, that many milliseconds apart, until the client has gone.
    case drip([UInt8], milliseconds: UInt32)
    /// Neither reads nor writes until the client has gone.
    case silence
    /// Closes so that the client sees an error rather than an end.
    case reset
  }

  var steps: [Step]
  /// Whether the connection takes another request afterwards; otherwise it is closed.
  var staysOpen = false

  static func raw(_ text: String) -> Answer { Answer(steps: [.send(Array(text.utf8))]) }

  /// A head that is sent as written, and what follows.
  static func head(_ head: String, _ steps: Step...) -> Answer {
    Answer(steps: [.send(Array((head + "\r\n\r\n").utf8))] + steps)
  }

  /// A whole and correct response.
  static func whole(
    _ body: [UInt8], type: String = "text/html; charset=utf-8", status: String = "200 OK", headers: [String] = []
  ) -> Answer {
    let head = ["HTTP/1.1 \(status)", "Content-Type: \(type)", "Content-Length: \(body.count)"] + headers
    let bytes = Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    // A large body is sent as it is rather than copied; of a small one, the head must not wait for its acknowledgement.
    return Answer(steps: body.count < 1 << 16 ? [.send(bytes + body)] : [.send(bytes), .send(body)], staysOpen: true)
  }

  static func whole(_ text: String, type: String = "text/html; charset=utf-8") -> Answer {
    whole(Array(text.utf8), type: type)
  }

  static func redirect(_ location: String, status: String = "302 Found") -> Answer {
    whole([], status: status, headers: ["Location: \(location)"])
  }

  /// A head, a beginning, and a piece without end.
  static func endless(_ type: String, _ beginning: String, _ piece: String) -> Answer {
    let many = String(repeating: piece, count: max(1, 4096 / max(1, piece.utf8.count)))
    return head(
      "HTTP/1.1 200 OK\r\nContent-Type: \(type)", .send(Array(beginning.utf8)), .flood(Array(many.utf8), times: .max))
  }
}
