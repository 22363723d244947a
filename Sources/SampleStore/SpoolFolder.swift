internal import Glibc
internal import Synchronization

/// Photos that were taken and wait to be judged: `spool/000000000042-button-0.jpg`.
///
/// A photo is durable before it counts as taken, so that a power cut loses none that was promised.
/// Each burst has a number that only grows, the trigger's name, and one file for each photo; what a
/// former run left is found again by `leftovers`. Calls may come from any thread.
package final class SpoolFolder: Sendable {
  /// Photos of one trigger.
  package struct Entry: Hashable, Sendable {
    /// Grows from burst to burst, across restarts.
    package var number: Int64
    /// What made the device take them, a word of letters.
    package var trigger: String
    /// The files, in the order in which they were taken; at least one.
    package var paths: [String]
    /// Of all files.
    package var byteCount: Int

    /// An entry of files that are there.
    package init(number: Int64, trigger: String, paths: [String], byteCount: Int) {
      self.number = number
      self.trigger = trigger
      self.paths = paths
      self.byteCount = byteCount
    }
  }

  /// The folder.
  package let path: String
  private let next: Mutex<Int64>
  /// Bursts up to this number were there before.
  private let last: Int64

  /// Opens the spool in the store's folder, making it when there is none.
  package init(store folder: String) throws(StoreError) {
    path = folder + "/spool"
    try Files.makeFolder(folder)
    try Files.makeFolder(path)
    Files.removeUnfinished(in: path)
    last = try Self.entries(path).last?.number ?? 0
    next = Mutex(last + 1)
  }

  /// What an earlier run left, oldest first. Files of other names and unfinished ones are passed over.
  package func leftovers() throws(StoreError) -> [Entry] {
    try Self.entries(path).filter { $0.number <= last }
  }

  /// Keeps the photos of one trigger; returns once they are durable. All of them are kept, or none.
  package func keep(_ photos: [[UInt8]], trigger: String) throws(StoreError) -> Entry {
    let number = next.withLock { value in
      defer { value += 1 }
      return value
    }
    var entry = Entry(number: number, trigger: trigger, paths: [], byteCount: 0)
    do throws(StoreError) {
      for (index, bytes) in photos.enumerated() {
        let file = "\(path)/\(Self.digits(number))-\(trigger)-\(index).jpg"
        try Files.write(bytes, to: file)
        entry.paths.append(file)
        entry.byteCount += bytes.count
      }
    } catch {
      remove(entry)
      throw error
    }
    return entry
  }

  /// Where photos are put that can be neither judged nor kept.
  package var asidePath: String { path + "/failed" }

  /// Puts the photos of `entry` where they are not found again by `leftovers`.
  package func setAside(_ entry: Entry) throws(StoreError) {
    try Files.makeFolder(asidePath)
    for file in entry.paths {
      guard let name = file.split(separator: "/").last else { continue }
      let target = "\(asidePath)/\(name)"
      guard unsafe rename(file, target) == 0 || errno == ENOENT else {
        throw StoreError(errno: errno, path: target)
      }
    }
  }

  /// Notes that judging burst `number`, which an earlier run left, begins; returns how often it has now.
  package func noteTry(of number: Int64) -> Int {
    let file = path + "/tries"
    let text = Files.text(file, limit: 64) ?? ""
    let parts = text.split(separator: " ")
    let before = parts.count == 2 && Int64(parts[0]) == number ? Int(parts[1]) ?? 0 : 0
    let tries = before + 1
    // Whether it is written or not, the burst is tried.
    try? Files.write(Array("\(number) \(tries)".utf8), to: file)
    return tries
  }

  /// Forgets what `noteTry` noted.
  package func forgetTries() { unsafe unlink(path + "/tries") }

  /// Removes the photos of `entry`; one that is gone already is no error.
  package func remove(_ entry: Entry) {
    for file in entry.paths { unsafe unlink(file) }
  }

  private static func digits(_ number: Int64) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 12 - text.count)) + text
  }

  private static func entries(_ folder: String) throws(StoreError) -> [Entry] {
    var entries: [Int64: Entry] = [:]
    for name in try Files.names(in: folder, suffix: ".jpg").sorted() {
      let parts = name.dropLast(4).split(separator: "-", omittingEmptySubsequences: false)
      guard parts.count == 3, let number = Int64(parts[0]), number > 0, Int(parts[2]) != nil,
        !parts[1].isEmpty, parts[1].allSatisfy({ $0.isASCII && $0.isLetter }),
        let size = Files.byteCount("\(folder)/\(name)")
      else { continue }
      var entry =
        entries[number] ?? Entry(number: number, trigger: String(parts[1]), paths: [], byteCount: 0)
      entry.paths.append("\(folder)/\(name)")
      entry.byteCount += size
      entries[number] = entry
    }
    return entries.values.sorted { $0.number < $1.number }
  }
}
