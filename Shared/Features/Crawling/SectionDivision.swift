/// Divides a site into sections: its top folders, or the folders in a folder that contains more than half of the pages.
struct SectionDivision {
  private struct Folder {
    var pages = 0
    /// The number of different folders in it.
    var children = 0
    let parent: UInt64
  }

  private var folders: [UInt64: Folder] = [:]
  private var total = 0
  /// The folder with the most pages, by depth. A folder with more than half of all pages is always found.
  private var largest = [UInt64](repeating: FolderPath.top, count: FolderPath.maximumDepth)

  mutating func count(_ path: FolderPath) {
    total += 1
    var parent = FolderPath.top
    for depth in 0..<path.count {
      let key = path[depth]
      if folders[key] == nil {
        folders[key] = Folder(parent: parent)
        folders[parent]?.children += 1
      }
      folders[key]!.pages += 1
      if folders[key]!.pages > folders[largest[depth]]?.pages ?? 0 { largest[depth] = key }
      parent = key
    }
  }

  /// The folder that contains the sections; nil if the sections are the top folders.
  struct Base: Equatable {
    fileprivate let depth: Int
    fileprivate let key: UInt64
  }

  var base: Base? {
    var base: Base?
    var parent = FolderPath.top
    for depth in 0..<(FolderPath.maximumDepth - 1) {
      guard let folder = folders[largest[depth]], folder.parent == parent, folder.pages * 2 > total else { break }
      parent = largest[depth]
      // Folders with one or two pages each are not sections.
      if folder.children > 1, folder.pages >= folder.children * 2 { base = Base(depth: depth, key: parent) }
    }
    return base
  }

  /// The section of a page.
  static func section(of path: FolderPath, _ base: Base?) -> UInt64 {
    if let base, path.count > base.depth, path[base.depth] == base.key {
      return path.count > base.depth + 1 ? path[base.depth + 1] : base.key
    }
    return path.count > 0 ? path[0] : FolderPath.top
  }
}
