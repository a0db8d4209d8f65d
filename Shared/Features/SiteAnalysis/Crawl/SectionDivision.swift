/// Where a site parts into sections: at its first folders, or where one folder holds most of its pages, at the folders
/// in that.
struct SectionDivision {
  private struct Folder {
    var pages = 0
    /// Different folders in it.
    var children = 0
    let parent: UInt64
  }

  private var folders: [UInt64: Folder] = [:]
  private var total = 0
  /// The folder with the most pages, by depth; where one has more than half of all, it is this.
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

  /// The folder whose folders are the sections; nil where the site's own first ones are.
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
      // A folder for each page or two parts nothing.
      if folder.children > 1, folder.pages >= folder.children * 2 { base = Base(depth: depth, key: parent) }
    }
    return base
  }

  /// The section that a page lies in.
  static func section(of path: FolderPath, _ base: Base?) -> UInt64 {
    if let base, path.count > base.depth, path[base.depth] == base.key {
      return path.count > base.depth + 1 ? path[base.depth + 1] : base.key
    }
    return path.count > 0 ? path[0] : FolderPath.top
  }
}
