/// The folders that contain a page, the outermost first, three at most.
///
/// Each folder is represented by a hash of its whole path.
package struct FolderPath: Sendable {
  package static let maximumDepth = 3
  /// The key of pages that are in no folder.
  package static let top: UInt64 = 0

  package private(set) var count = 0
  private var keys: [3 of UInt64] = [0, 0, 0]

  /// - Parameter path: a path without its first slash. The segment after the last slash is not a folder.
  package init(_ path: Substring.UTF8View) {
    // The FNV-1a hash is the same in every process, unlike the hashes of Swift.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var pending: UInt64?
    for byte in path {
      if let key = pending {
        keys[count] = key
        count += 1
        pending = nil
        if count == Self.maximumDepth { return }
      }
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
      if byte == UInt8(ascii: "/") { pending = max(1, hash) }
    }
  }

  /// The key of the folder at a depth from 0 to ``count`` - 1.
  package subscript(depth: Int) -> UInt64 { keys[depth] }
}
