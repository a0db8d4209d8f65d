import CZlib

/// Bytes that may be packed with gzip, told by their magic number.
package enum Gzip {
  /// The bytes themselves, or unpacked up to `limit`; of a broken stream, what came before the break. Nil where that is
  /// nothing.
  package static func unpackedIfPacked(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    guard bytes.starts(with: [0x1f, 0x8b]) else { return bytes }
    guard let decoder = GzipDecoder() else { return nil }
    var unpacked: [UInt8] = []
    _ = decoder.decode(bytes) { piece in
      unpacked += piece.prefix(limit - unpacked.count)
      return unpacked.count < limit
    }
    return unpacked.isEmpty ? nil : unpacked
  }
}

/// Unpacks gzip (RFC 1952) and zlib streams as their bytes arrive.
@safe
final class GzipDecoder {
  private var stream = unsafe z_stream()
  private(set) var isFinished = false
  private var output = [UInt8](repeating: 0, count: 1 << 16)

  /// Nil where zlib has no memory for it.
  init?() {
    // 15 bits of window, and 32 to tell gzip from zlib by the header.
    guard unsafe inflateInit2_(&stream, 47, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      return nil
    }
  }

  deinit { unsafe inflateEnd(&stream) }

  /// Unpacks one piece, in steps that `body` may end by returning false.
  ///
  /// - Returns: false where the stream is broken or `body` had enough; what came before counts.
  func decode(_ piece: [UInt8], _ body: (ArraySlice<UInt8>) -> Bool) -> Bool {
    var piece = piece
    return unsafe piece.withUnsafeMutableBufferPointer { input in
      unsafe stream.next_in = input.baseAddress
      unsafe stream.avail_in = UInt32(input.count)
      while unsafe stream.avail_in > 0 {
        let (status, count) = unsafe output.withUnsafeMutableBufferPointer { buffer in
          unsafe stream.next_out = buffer.baseAddress
          unsafe stream.avail_out = UInt32(buffer.count)
          let status = unsafe inflate(&stream, Z_NO_FLUSH)
          return (status, buffer.count - Int(unsafe stream.avail_out))
        }
        if count > 0, !body(output[..<count]) { return false }
        switch status {
        case Z_OK: continue
        case Z_STREAM_END:
          // Members may follow one another (section 2.2); anything else after the end is padding.
          isFinished = true
          guard unsafe stream.avail_in > 0, unsafe stream.next_in.pointee == 0x1f, unsafe inflateReset(&stream) == Z_OK
          else { return true }
        default: return false
        }
      }
      return true
    }
  }
}
