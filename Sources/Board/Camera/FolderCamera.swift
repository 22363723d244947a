internal import CBoard
internal import Glibc

/// What a folder that serves as a camera may hold.
package struct FolderCameraSettings: Hashable, Sendable {
  /// Whether photos in folders below count as well; links to folders are not followed.
  package var recursive: Bool
  /// Endings of the names that count, in lower case without the dot; `nil` takes every file.
  package var endings: Set<String>?
  /// Most names of waiting files held in memory.
  package var capacity: Int
  /// Most folders that are watched.
  package var mostFolders: Int

  /// The flat folder of JPEG files, unless said otherwise.
  package init(
    recursive: Bool = false, endings: Set<String>? = ["jpg", "jpeg"], capacity: Int = 1024,
    mostFolders: Int = 1024
  ) {
    self.recursive = recursive
    self.endings = endings
    self.capacity = max(1, capacity)
    self.mostFolders = max(1, mostFolders)
  }
}

/// A photo that has arrived as a file.
package struct CameraFile: Hashable, Sendable {
  /// Path to open it by.
  package var path: String
  /// Path below the camera's folder.
  package var name: String
  package var byteCount: Int

  /// The file `name` of `byteCount` bytes, at `path`.
  package init(path: String, name: String, byteCount: Int) {
    self.path = path
    self.name = name
    self.byteCount = byteCount
  }
}

/// A folder as a camera: each file is a photo that was taken.
///
/// Files that lie there come first, in the order of their names; then each file once it is closed
/// after writing or moved in. A file that somebody still writes is never returned: it comes when it
/// is closed. Hidden files, names of unfinished copies and everything that is no regular file are
/// passed over. A file that is written again comes again.
///
/// Nothing is missed. When files arrive faster than they are taken and the kernel's queue runs
/// over, or the folder was away, the folder is read anew and files may come a second time: whoever
/// must not count a photo twice compares hashes. Where leases are not allowed (another owner's
/// files, some network file systems), a file that lay there at the start counts as complete, and
/// comes again when its writer closes it.
///
/// Memory is bounded by `FolderCameraSettings.capacity`. One thread at a time.
package final class FolderCamera {
  /// The folder that is watched.
  package let folder: String
  package let settings: FolderCameraSettings

  private var watcher: FolderWatcher?
  private var scan: FolderScan?
  private var arrived: [String] = []
  private var nextArrived = 0
  /// Files that the scan returned although they may have an event to come, by what they were then.
  private var returnedByScan: [String: FileIdentity] = [:]

  /// Starts to watch `folder`. Throws when it is missing, no folder, or cannot be watched.
  ///
  /// One that `mayBeMissing` is watched when it comes, as one is that went away.
  package init(
    folder: String, settings: FolderCameraSettings = FolderCameraSettings(),
    mayBeMissing: Bool = false
  ) throws(CameraError) {
    self.folder = folder
    self.settings = settings
    do throws(CameraError) {
      try start()
    } catch {
      guard mayBeMissing, case .notAFolder = error else { throw error }
    }
  }

  /// The next photo, waiting up to `timeout` for it; `nil` when none came.
  ///
  /// Throws `CameraError.folderGone` in each call while the folder is away, after `timeout`.
  package func next(timeout: Duration) throws(CameraError) -> CameraFile? {
    let deadline = ContinuousClock.now + timeout
    if watcher == nil { try restart(until: deadline) }
    // What the kernel has ready is looked at even when the timeout is 0.
    repeat {
      if let file = nextScanned() ?? nextArrival() { return file }
      try takeEvents(until: deadline)
    } while ContinuousClock.now < deadline
    return nextScanned() ?? nextArrival()
  }

  private func start() throws(CameraError) {
    // The watch comes before the reading, so that nothing falls between the two.
    watcher = try FolderWatcher(folder: folder, settings: settings)
    readAnew()
  }

  private func restart(until deadline: ContinuousClock.Instant) throws(CameraError) {
    while true {
      do throws(CameraError) {
        return try start()
      } catch {
        guard case .notAFolder = error else { throw error }
        guard ContinuousClock.now < deadline else { throw .folderGone(path: folder) }
        min(.milliseconds(100), deadline - .now).rest()
      }
    }
  }

  private func readAnew() {
    scan = FolderScan(folder: folder, settings: settings)
    returnedByScan = [:]
  }

  private func nextScanned() -> CameraFile? {
    while let name = scan?.next() {
      guard let (file, identity) = complete(name) else { continue }
      if let start = watcher?.startedAt, identity.changed >= start,
        returnedByScan.count < settings.capacity
      {
        returnedByScan[name] = identity
      }
      return file
    }
    scan = nil
    return nil
  }

  private func nextArrival() -> CameraFile? {
    while nextArrived < arrived.count {
      let name = arrived[nextArrived]
      nextArrived += 1
      guard let (file, identity) = complete(name) else { continue }
      if returnedByScan.removeValue(forKey: name) == identity { continue }
      return file
    }
    arrived.removeAll(keepingCapacity: true)
    nextArrived = 0
    return nil
  }

  /// Takes what the kernel reports, waiting until `deadline` for something.
  private func takeEvents(until deadline: ContinuousClock.Instant) throws(CameraError) {
    guard let watcher else { return }
    let events: [FolderWatcher.Event]
    do throws(CameraError) {
      events = try watcher.read(until: deadline)
    } catch {
      // What was read with the report that failed would be missed.
      readAnew()
      throw error
    }
    for event in events {
      switch event {
      case .arrived(let name):
        guard settings.takes(name) else { continue }
        if arrived.count < settings.capacity {
          if arrived.last != name { arrived.append(name) }
        } else {
          readAnew()
        }
      case .lost: readAnew()
      case .gone:
        self.watcher = nil
        scan = nil
        arrived = []
        nextArrived = 0
        throw .folderGone(path: folder)
      }
    }
  }

  /// The file `name` if it is a regular one that nobody is writing.
  private func complete(_ name: String) -> (CameraFile, FileIdentity)? {
    let path = folder + "/" + name
    let number = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    // What may not be read is given all the same, so that somebody hears of it.
    guard number >= 0 else { return errno == EACCES ? unreadable(name, at: path) : nil }
    let descriptor = Descriptor(number)
    guard let identity = FileIdentity(descriptor), cboard_is_being_written(number) != 1 else {
      return nil
    }
    return (CameraFile(path: path, name: name, byteCount: identity.byteCount), identity)
  }

  private func unreadable(_ name: String, at path: String) -> (CameraFile, FileIdentity)? {
    FileIdentity(path: path).map { identity in
      (CameraFile(path: path, name: name, byteCount: identity.byteCount), identity)
    }
  }
}

extension FolderCameraSettings {
  /// Endings that copying programs give to files they have not finished.
  private static let unfinished: Set<String> = [
    "tmp", "temp", "part", "partial", "filepart", "crdownload", "download", "swp", "lock",
  ]

  /// Whether the file at `name`, below the camera's folder, may be a photo, going by its name.
  func takes(_ name: String) -> Bool {
    guard let file = name.split(separator: "/").last else { return false }
    guard !file.hasPrefix("."), !file.hasPrefix("~"), !file.hasSuffix("~") else { return false }
    let ending = file.lastIndex(of: ".").map { file[file.index(after: $0)...].lowercased() } ?? ""
    guard !Self.unfinished.contains(ending) else { return false }
    return endings.map { $0.contains(ending) } ?? true
  }
}

/// What tells one state of a file from another.
struct FileIdentity: Hashable {
  let byteCount: Int
  private let device: UInt
  private let node: UInt
  private let modified: Int64
  /// When the file or its name last changed, in nanoseconds of the wall clock.
  let changed: Int64

  /// `nil` when the descriptor is not of a regular file.
  init?(_ descriptor: Descriptor) {
    var status = stat()
    guard unsafe fstat(descriptor.number, &status) == 0 else { return nil }
    self.init(status)
  }

  /// `nil` when there is no regular file at `path`; a link is none.
  init?(path: String) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  private init?(_ status: stat) {
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    byteCount = Int(status.st_size)
    device = UInt(status.st_dev)
    node = UInt(status.st_ino)
    modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
  }
}
