import CZlib

/// Decompression of data that may be gzip-compressed, detected by the magic number.
package enum Gzip {
  /// Returns the bytes unchanged if they are not gzip, otherwise up to `limit` decompressed bytes. A broken stream
  /// yields the data before the error; nil if there is none.
  package static func decompressedIfGzip(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    guard bytes.starts(with: [0x1f, 0x8b]) else { return bytes }
    guard let decoder = GzipDecoder() else { return nil }
    var decompressed: [UInt8] = []
    _ = decoder.decode(bytes) { piece in
      decompressed += piece.prefix(limit - decompressed.count)
      return decompressed.count < limit
    }
    return decompressed.isEmpty ? nil : decompressed
  }
}

/// Decompresses gzip (RFC 1952) and zlib streams piece by piece.
@safe
final class GzipDecoder {
  private var stream = unsafe z_stream()
  private(set) var isFinished = false
  private var output = [UInt8](repeating: 0, count: 1 << 16)

  /// Returns nil if zlib cannot allocate memory.
  init?() {
    // A window of 15 bits; adding 32 detects gzip or zlib by the header.
    guard unsafe inflateInit2_(&stream, 47, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      return nil
    }
  }

  deinit { unsafe inflateEnd(&stream) }

  /// Decompresses one piece. Calls `body` for each part of the output; `body` returns false to stop.
  ///
  /// - Returns: false if the stream is broken or `body` stopped. Output passed to `body` before that is valid.
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
          // Another member may follow (section 2.2); ignore anything else after the end as padding.
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
