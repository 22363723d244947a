internal import Glibc

/// Walks the files of a folder in the order of their names, holding at most
/// `FolderCameraSettings.capacity` names: when those are used up the folder is read again for the
/// ones that follow.
struct FolderScan {
  private let folder: String
  private let settings: FolderCameraSettings
  private var batch: [String] = []
  private var position = 0
  private var last: String?
  private var isComplete = false

  init(folder: String, settings: FolderCameraSettings) {
    self.folder = folder
    self.settings = settings
  }

  /// The next name below the folder; `nil` after the last.
  mutating func next() -> String? {
    if position == batch.count {
      guard !isComplete else { return nil }
      readBatch()
    }
    guard position < batch.count else { return nil }
    defer { position += 1 }
    last = batch[position]
    return batch[position]
  }

  private mutating func readBatch() {
    var names: [String] = []
    var dropped = false
    let (settings, last) = (settings, last)
    FolderScan.visit(folder, settings: settings) { name, isFolder in
      guard !isFolder, settings.takes(name) else { return }
      if let last, !FolderScan.precedes(last, name) { return }
      names.append(name)
      // Sorting at twice the capacity costs O(log capacity) a name.
      if names.count == 2 * settings.capacity {
        names.sort(by: FolderScan.precedes)
        names.removeLast(settings.capacity)
        dropped = true
      }
    }
    names.sort(by: Self.precedes)
    if names.count > settings.capacity {
      names.removeLast(names.count - settings.capacity)
      dropped = true
    }
    batch = names
    position = 0
    isComplete = !dropped
  }

  /// By bytes, which is the same order everywhere.
  private static func precedes(_ a: String, _ b: String) -> Bool {
    a.utf8.lexicographicallyPrecedes(b.utf8)
  }

  /// Calls `body` for everything in `folder`, and below it when the settings say so, in no order.
  ///
  /// Hidden folders are passed over, and at most `mostFolders` are entered.
  static func visit(
    _ folder: String, below start: String = "", settings: FolderCameraSettings,
    _ body: (_ name: String, _ isFolder: Bool) -> Void
  ) {
    var folders = [start]
    var entered = 0
    while let prefix = folders.popLast(), entered < settings.mostFolders {
      entered += 1
      list(prefix.isEmpty ? folder : folder + "/" + prefix) { entry, type in
        let name = prefix.isEmpty ? entry : prefix + "/" + entry
        guard isFolder(folder + "/" + name, type: type) else { return body(name, false) }
        guard settings.recursive, !entry.hasPrefix(".") else { return }
        body(name, true)
        folders.append(name)
      }
    }
  }

  private static func list(_ path: String, _ body: (String, Int32) -> Void) {
    guard let stream = unsafe opendir(path) else { return }
    defer { unsafe closedir(stream) }
    while let entry = unsafe readdir(stream) {
      let type = unsafe Int32(entry.pointee.d_type)
      let bytes = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe Array(bytes.prefix { $0 != 0 })
      }
      // A name that is not UTF-8 could not be opened by the string made of it.
      guard let name = String(validating: bytes, as: UTF8.self), name != ".", name != ".." else {
        continue
      }
      body(name, type)
    }
  }

  private static func isFolder(_ path: String, type: Int32) -> Bool {
    guard type == Int32(DT_UNKNOWN) else { return type == Int32(DT_DIR) }
    var status = stat()
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
