import Support

extension ScriptedResponse {
  /// Sends this head unchanged, then performs the steps.
  static func head(_ head: String, _ steps: Step...) -> ScriptedResponse {
    ScriptedResponse(steps: [.send(Array((head + "\r\n\r\n").utf8))] + steps)
  }

  /// A complete and valid response with a content type.
  static func page(
    _ body: [UInt8], type: String = "text/html; charset=utf-8", status: String = "200 OK", headers: [String] = []
  ) -> ScriptedResponse {
    response(status, headers: ["Content-Type: \(type)"] + headers, body: body)
  }

  static func page(_ text: String, type: String = "text/html; charset=utf-8") -> ScriptedResponse {
    page(Array(text.utf8), type: type)
  }

  static func redirect(_ location: String, status: String = "302 Found") -> ScriptedResponse {
    page([], status: status, headers: ["Location: \(location)"])
  }

  /// A valid head and an endless body: a beginning, then the same piece again and again.
  static func endless(_ type: String, _ beginning: String, _ piece: String) -> ScriptedResponse {
    let block = String(repeating: piece, count: max(1, 4096 / max(1, piece.utf8.count)))
    return head(
      "HTTP/1.1 200 OK\r\nContent-Type: \(type)", .send(Array(beginning.utf8)), .flood(Array(block.utf8), times: .max))
  }
}
