internal import CBoard
internal import Glibc

/// Physical memory that a process holds, as the kernel counts it.
package struct ProcessMemory: Hashable, Sendable {
  /// Resident bytes now (VmRSS).
  package var residentByteCount: Int
  /// The most that were ever resident (VmHWM).
  package var peakByteCount: Int

  /// What this process holds; `nil` where /proc is not mounted.
  package static func current() -> ProcessMemory? { read(path: "/proc/self/status") }

  /// What process `identifier` holds; `nil` when there is none, or it has ended.
  package static func of(process identifier: Int32) -> ProcessMemory? {
    read(path: "/proc/\(identifier)/status")
  }

  /// Reads the text of a `status` file; `nil` when a field is missing or malformed.
  package init?(status: String) {
    func bytes(_ field: String) -> Int? {
      for line in status.split(separator: "\n") {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard words.count == 3, words[0] == field, words[2] == "kB" else { continue }
        guard let kilobytes = Int(words[1]), (0...(1 << 43)).contains(kilobytes) else { return nil }
        return kilobytes * 1024
      }
      return nil
    }
    guard let resident = bytes("VmRSS:"), let peak = bytes("VmHWM:") else { return nil }
    residentByteCount = resident
    peakByteCount = peak
  }

  /// Gives back what this process does not need while it rests: free pieces of the heap, and the pages of code
  /// and constants that it used to start or to work.
  ///
  /// Those are the files' own bytes; they stay in the kernel's cache while there is room, and are mapped
  /// again, 64 KiB at a time, when they are used. Takes a few milliseconds; any thread, at any time.
  package static func releaseIdle() { _ = cboard_release_idle_memory() }

  private static func read(path: String) -> ProcessMemory? {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let file = Descriptor(number)
    var text: [UInt8] = []
    while text.count < 1 << 16, case .bytes(let bytes) = file.read(upTo: 4096, timeout: .zero) {
      text += bytes
    }
    return ProcessMemory(status: String(decoding: text, as: UTF8.self))
  }
}
