internal import Glibc

/// The kernel's reports about a folder, and about those below it when the settings say so.
final class FolderWatcher {
  /// Something that happened.
  enum Event: Hashable {
    /// A file is complete: closed after writing, or moved in.
    case arrived(String)
    /// Reports were lost: the folder has to be read anew.
    case lost
    /// The folder itself is gone.
    case gone
  }

  /// When the watch began, in nanoseconds of the wall clock, less what file systems round off.
  let startedAt: Int64

  private let folder: String
  private let settings: FolderCameraSettings
  private let descriptor: Descriptor
  /// Path below the folder by number of the watch; the folder itself is "".
  private var watched: [Int32: String] = [:]

  init(folder: String, settings: FolderCameraSettings) throws(CameraError) {
    self.folder = folder
    self.settings = settings
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    startedAt = Int64(now.tv_sec - 1) * 1_000_000_000 + Int64(now.tv_nsec)
    let number = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
    guard number >= 0 else {
      throw .cannotWatch(path: folder, reason: SystemFailure.text(errno))
    }
    descriptor = Descriptor(number)
    try watch("")
    if settings.recursive {
      for name in below("").folders { try watch(name) }
    }
  }

  /// What happened, waiting until `deadline` for something; empty when nothing did.
  func read(until deadline: ContinuousClock.Instant) throws(CameraError) -> [Event] {
    switch descriptor.read(upTo: 16384, timeout: deadline - .now) {
    case .nothing: return []
    case .bytes(let bytes): return try events(bytes)
    case .ended, .failed:
      throw .cannotWatch(path: folder, reason: "the kernel's reports ended")
    }
  }

  private func events(_ bytes: [UInt8]) throws(CameraError) -> [Event] {
    var events: [Event] = []
    var offset = 0
    let head = MemoryLayout<inotify_event>.size
    while offset + head <= bytes.count {
      let (event, start) = (unsafe Self.load(bytes, at: offset), offset + head)
      offset = start + Int(event.len)
      guard offset <= bytes.count else { break }
      let name = String(validating: bytes[start..<offset].prefix { $0 != 0 }, as: UTF8.self)
      events += try meaning(of: event, name: name)
    }
    return events
  }

  @unsafe private static func load(_ bytes: [UInt8], at offset: Int) -> inotify_event {
    unsafe bytes.withUnsafeBytes {
      unsafe $0.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
    }
  }

  private func meaning(of event: inotify_event, name: String?) throws(CameraError) -> [Event] {
    func says(_ flag: Int32) -> Bool { event.mask & UInt32(flag) != 0 }
    if says(Int32(IN_Q_OVERFLOW)) { return [.lost] }
    guard let place = watched[event.wd] else { return [] }
    if says(Int32(IN_IGNORED)) || says(Int32(IN_MOVE_SELF)) || says(Int32(IN_DELETE_SELF)) {
      if place.isEmpty { return [.gone] }
      if says(Int32(IN_IGNORED)) { watched[event.wd] = nil }
      return []
    }
    guard let name, !name.isEmpty else { return [] }
    let path = place.isEmpty ? name : place + "/" + name
    if says(Int32(IN_ISDIR)) { return try settings.recursive ? entered(path) : [] }
    return says(Int32(IN_CLOSE_WRITE)) || says(Int32(IN_MOVED_TO)) ? [.arrived(path)] : []
  }

  /// Watches a folder that has appeared; its files may have come before the watch.
  private func entered(_ path: String) throws(CameraError) -> [Event] {
    guard !path.split(separator: "/").contains(where: { $0.hasPrefix(".") }) else { return [] }
    try watch(path)
    let (files, folders) = below(path)
    for folder in folders { try watch(folder) }
    return files.sorted().map(Event.arrived)
  }

  private func below(_ path: String) -> (files: [String], folders: [String]) {
    var (files, folders): ([String], [String]) = ([], [])
    FolderScan.visit(folder, below: path, settings: settings) { name, isFolder in
      if isFolder {
        folders.append(name)
      } else if !path.isEmpty, files.count <= settings.capacity {
        // One more than fit says that there are too many, and the folder is read anew.
        files.append(name)
      }
    }
    return (files, folders)
  }

  private func watch(_ name: String) throws(CameraError) {
    guard watched.count < settings.mostFolders else {
      throw .tooManyFolders(path: folder, most: settings.mostFolders)
    }
    let path = name.isEmpty ? folder : folder + "/" + name
    let wanted =
      UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVE_SELF) | UInt32(IN_DELETE_SELF)
      | UInt32(IN_ONLYDIR) | (settings.recursive ? UInt32(IN_CREATE) : 0)
    let number = unsafe inotify_add_watch(descriptor.number, path, wanted)
    if number >= 0 {
      watched[number] = name
      return
    }
    switch errno {
    case ENOENT, ENOTDIR:
      // A folder below may go before it is watched; that is no failure of this one.
      if name.isEmpty { throw .notAFolder(path: folder) }
    default: throw .cannotWatch(path: path, reason: SystemFailure.text(errno))
    }
  }
}
