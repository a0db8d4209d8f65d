/// An incremental parser for server-sent events (WHATWG HTML, section 9.2).
///
/// Lines end with CR, LF or CR LF, and chunks may be split anywhere. Invalid UTF-8 is replaced (section 9.2.6). An event
/// that no blank line ends is dropped. The fields `id` and `retry` are ignored, because a model's stream cannot be
/// resumed.
package struct ServerSentEventParser: Sendable {
  package struct Event: Sendable, Equatable {
    /// The `event` field; empty if the stream sent none.
    package let name: String
    /// The `data` lines, joined with LF.
    package let data: String

    package init(name: String, data: String) {
      self.name = name
      self.data = data
    }
  }

  /// A line or an event exceeds the maximum size.
  package struct TooLong: Error, Sendable, Equatable {}

  private let maximumBytes: Int
  private var line: [UInt8] = []
  private var isFirstLine = true
  /// True after a CR: an LF that follows belongs to the same line end.
  private var followsReturn = false
  private var name = ""
  private var data: [String] = []
  private var dataBytes = 0

  /// - Parameter maximumBytes: the maximum size of a line, and of the data of an event.
  package init(maximumBytes: Int = 1 << 20) { self.maximumBytes = maximumBytes }

  /// Parses the next chunk of the stream.
  ///
  /// - Returns: the events that the chunk completes.
  package mutating func parse(_ chunk: [UInt8]) throws(TooLong) -> [Event] {
    var events: [Event] = []
    for byte in chunk {
      switch byte {
      case 0x0a where followsReturn: followsReturn = false
      case 0x0a, 0x0d:
        followsReturn = byte == 0x0d
        if let event = try endLine() { events.append(event) }
      default:
        followsReturn = false
        guard line.count < maximumBytes else { throw TooLong() }
        line.append(byte)
      }
    }
    return events
  }

  private mutating func endLine() throws(TooLong) -> Event? {
    defer {
      line.removeAll(keepingCapacity: true)
      isFirstLine = false
    }
    if isFirstLine, line.starts(with: [0xef, 0xbb, 0xbf]) { line.removeFirst(3) }
    if line.isEmpty { return endEvent() }
    let text = line[...]
    let colon = text.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
    var value = text[colon...].dropFirst()
    if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
    // A line that begins with a colon is a comment: its field name is empty.
    switch String(decoding: text[..<colon], as: UTF8.self) {
    case "event": name = String(decoding: value, as: UTF8.self)
    case "data":
      dataBytes += value.count + 1
      guard dataBytes <= maximumBytes else { throw TooLong() }
      data.append(String(decoding: value, as: UTF8.self))
    default: break
    }
    return nil
  }

  private mutating func endEvent() -> Event? {
    defer {
      name = ""
      data = []
      dataBytes = 0
    }
    return data.isEmpty ? nil : Event(name: name, data: data.joined(separator: "\n"))
  }
}
