internal import Glibc

/// How the machine is: temperature, space, memory limit, boot. What cannot be read is `nil`.
package struct SystemHealth: Sendable {
  private let root: String

  /// The machine whose file systems `/sys` and `/proc` lie under `root`; tests give a folder.
  package init(root: String = "") { self.root = root }

  /// The hottest of the kernel's thermal zones in degrees Celsius.
  package var temperature: Double? {
    let folder = root + "/sys/class/thermal"
    return names(folder).filter { $0.hasPrefix("thermal_zone") }.compactMap { zone in
      number(text("\(folder)/\(zone)/temp"))
    }.filter { (-100_000...300_000).contains($0) }.max().map { Double($0) / 1000 }
  }

  /// An identity that changes with every boot.
  package var bootID: String? {
    guard let id = text(root + "/proc/sys/kernel/random/boot_id").map(trimmed), id.utf8.count == 36
    else { return nil }
    return id
  }

  /// Bytes that this process's control group (version 2) or one above it may use; `nil` if none limits.
  package var memoryLimit: Int? {
    // The line of version 2 is `0::/path`.
    guard let groups = text(root + "/proc/self/cgroup"),
      let line = groups.split(separator: "\n").first(where: { $0.hasPrefix("0::/") })
    else { return nil }
    var parts = line.dropFirst(4).split(separator: "/").map(String.init)
    guard !parts.contains("..") else { return nil }
    var least: Int?
    while true {
      let folder = ([root + "/sys/fs/cgroup"] + parts).joined(separator: "/")
      if let limit = number(text(folder + "/memory.max")) { least = min(least ?? limit, limit) }
      if parts.isEmpty { return least }
      parts.removeLast()
    }
  }

  /// Space of the file system that `path` lies on.
  package static func space(at path: String) -> (freeBytes: Int, totalBytes: Int)? {
    var status = statvfs()
    guard unsafe statvfs(path, &status) == 0 else { return nil }
    let unit = UInt64(status.f_frsize)
    // What is left for others than root.
    let (free, freeOverflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: unit)
    let (total, totalOverflow) = UInt64(status.f_blocks).multipliedReportingOverflow(by: unit)
    if freeOverflow || totalOverflow { return nil }
    return (Int(clamping: free), Int(clamping: total))
  }

  private func number(_ text: String?) -> Int? { text.map(trimmed).flatMap { Int($0) } }

  private func trimmed(_ text: String) -> String {
    String(text.prefix { !$0.isNewline && $0 != " " })
  }

  /// The first 4096 bytes of a small file.
  func text(_ path: String) -> String? {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let file = Descriptor(number)
    var count = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, filled in
      count = unsafe read(file.number, buffer.baseAddress, 4096)
      filled = max(0, count)
    }
    return count >= 0 ? String(decoding: bytes, as: UTF8.self) : nil
  }

  private func names(_ folder: String) -> [String] {
    guard let directory = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while names.count < 1000, let entry = unsafe readdir(directory) {
      names.append(
        unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
    return names
  }
}
