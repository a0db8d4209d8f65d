/// The folders that a page lies in, the outermost first, three at most: each as a number that stands for it and all
/// around it.
struct FolderPath: Sendable {
  static let maximumDepth = 3
  /// What stands for the pages that lie in no folder.
  static let top: UInt64 = 0

  private(set) var count = 0
  private var keys: [3 of UInt64] = [0, 0, 0]

  /// - Parameter path: without a slash at its beginning; one at its end opens no folder.
  init(_ path: Substring.UTF8View) {
    // FNV-1a: the same in every process, as Swift's own hashes are not.
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

  /// - Parameter depth: from 0, below ``count``.
  subscript(depth: Int) -> UInt64 { keys[depth] }
}
