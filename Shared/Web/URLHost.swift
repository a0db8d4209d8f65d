#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Parses the host and port of a URL as browsers do (WHATWG URL, section 3.5).
enum URLHost {
  static func parse(
    _ authority: ArraySlice<UInt8>, defaultPort: UInt16
  ) throws(NormalizedURL.Rejection) -> (host: String, port: UInt16?) {
    var hostBytes = authority
    var port: UInt16?
    let bracket = authority.lastIndex(of: UInt8(ascii: "]"))
    if let colon = authority.lastIndex(of: UInt8(ascii: ":")), colon > bracket ?? authority.startIndex - 1 {
      let digits = authority[(colon + 1)...]
      hostBytes = authority[..<colon]
      if !digits.isEmpty {
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }),
          let number = UInt16(String(decoding: digits, as: UTF8.self)), number > 0
        else { throw .port }
        port = number == defaultPort ? nil : number
      }
    }
    return (try host(hostBytes), port)
  }

  private static func host(_ bytes: ArraySlice<UInt8>) throws(NormalizedURL.Rejection) -> String {
    if bytes.first == UInt8(ascii: "[") {
      let inner = String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
      guard bytes.last == UInt8(ascii: "]"), let address = ipv6(inner) else { throw .host }
      return "[\(address)]"
    }
    // Fast path: most hosts are plain names.
    if isPlainName(bytes) { return String(decoding: bytes, as: UTF8.self) }
    let decoded = URLEncoding.decode(bytes)
    guard let text = String(validating: decoded, as: UTF8.self) else { throw .host }
    // Ideographic full stops also separate labels (UTS 46).
    let labels = text.lowercased().split(omittingEmptySubsequences: false) { ".。．｡".contains($0) }
    var ascii: [String] = []
    for label in labels { ascii.append(label.utf8.allSatisfy { $0 < 0x80 } ? String(label) : try punycode(label)) }
    if ascii.last == "", ascii.count > 1 { ascii.removeLast() }
    let host = ascii.joined(separator: ".")
    guard !host.isEmpty, host.utf8.count <= 253, ascii.allSatisfy(isLabel) else { throw .host }
    if let last = ascii.last, isNumber(last) {
      guard let address = ipv4(ascii) else { throw .host }
      return address
    }
    return host
  }

  /// True if a host consists of lower-case letters, digits, dots and hyphens, and cannot be an IPv4 address.
  private static func isPlainName(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard bytes.count <= 253, let last = bytes.last, (0x61...0x7a).contains(last) else { return false }
    var length = 0
    for byte in bytes {
      switch byte {
      case 0x61...0x7a, 0x30...0x39, 0x2d: length += 1
      case UInt8(ascii: "."):
        guard length > 0 else { return false }
        length = 0
      default: return false
      }
      guard length <= 63 else { return false }
    }
    // A hexadecimal number may end in a letter.
    let label = bytes[(bytes.lastIndex(of: UInt8(ascii: ".")).map { $0 + 1 } ?? bytes.startIndex)...]
    return !label.starts(with: "0x".utf8)
  }

  /// True if a host that ends in this label is an IPv4 address (WHATWG URL, section 3.5, "ends in a number").
  private static func isNumber(_ label: String) -> Bool {
    label.utf8.allSatisfy { (0x30...0x39).contains($0) }
      || label.hasPrefix("0x")
        && label.utf8.dropFirst(2).allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private static func isLabel(_ label: String) -> Bool {
    (1...63).contains(label.utf8.count)
      && label.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x5f }
  }

  /// Parses an IPv4 address in any form that `inet_aton` accepts: `127.1`, `0x7f000001`, `0177.0.0.1`.
  private static func ipv4(_ parts: [String]) -> String? {
    guard (1...4).contains(parts.count) else { return nil }
    var numbers: [UInt64] = []
    for part in parts {
      // Swift's integer initializers would also accept `-0`.
      guard isNumber(part) else { return nil }
      let number: UInt64? =
        if part.hasPrefix("0x") {
          part.count == 2 ? 0 : UInt64(part.dropFirst(2), radix: 16)
        } else if part.hasPrefix("0"), part.count > 1 { UInt64(part, radix: 8) } else { UInt64(part) }
      guard let number else { return nil }
      numbers.append(number)
    }
    guard numbers.dropLast().allSatisfy({ $0 < 256 }), let last = numbers.last,
      last < 1 << (8 * UInt64(5 - numbers.count))
    else { return nil }
    var address = last
    for (index, number) in numbers.dropLast().enumerated() { address |= number << (24 - 8 * UInt64(index)) }
    return [24, 16, 8, 0].map { String(address >> $0 & 255) }.joined(separator: ".")
  }

  /// Normalizes an IPv6 address as in RFC 5952; nil if it is invalid.
  private static func ipv6(_ text: String) -> String? {
    var address = in6_addr()
    // C functions treat a NUL as the end of the string.
    guard !text.utf8.contains(0) else { return nil }
    guard unsafe inet_pton(AF_INET6, text, &address) == 1 else { return nil }
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard unsafe inet_ntop(AF_INET6, &address, &buffer, socklen_t(buffer.count)) != nil else { return nil }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Encodes a label in Punycode (RFC 3492), with the prefix `xn--`.
  private static func punycode(_ label: Substring) throws(NormalizedURL.Rejection) -> String {
    let scalars = label.unicodeScalars.map(\.value)
    var output = scalars.filter { $0 < 0x80 }.map { UInt8($0) }
    let basic = output.count
    if basic > 0 { output.append(UInt8(ascii: "-")) }
    var n: UInt32 = 128
    var delta = 0
    var bias = 72
    var handled = basic
    while handled < scalars.count {
      guard let next = scalars.filter({ $0 >= n }).min(), scalars.count < 64 else { throw .host }
      delta += Int(next - n) * (handled + 1)
      n = next
      for scalar in scalars {
        if scalar < n { delta += 1 }
        guard scalar == n else { continue }
        var q = delta
        var k = 36
        while true {
          let threshold = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias
          if q < threshold { break }
          output.append(digit(threshold + (q - threshold) % (36 - threshold)))
          q = (q - threshold) / (36 - threshold)
          k += 36
        }
        output.append(digit(q))
        bias = adapt(delta, count: handled + 1, isFirst: handled == basic)
        delta = 0
        handled += 1
      }
      delta += 1
      n += 1
    }
    return "xn--" + String(decoding: output, as: UTF8.self)
  }

  private static func digit(_ value: Int) -> UInt8 { UInt8(value < 26 ? 0x61 + value : 0x30 + value - 26) }

  private static func adapt(_ delta: Int, count: Int, isFirst: Bool) -> Int {
    var delta = isFirst ? delta / 700 : delta / 2
    delta += delta / count
    var k = 0
    while delta > 455 {
      delta /= 35
      k += 36
    }
    return k + 36 * delta / (delta + 38)
  }
}
