import FoundationEssentials
import Glibc

/// The program's version, as packages and bundles name it.
package let programVersion = "0.2.0"

/// How a running device does: what its store does not say. Written to a file by the daemon every few
/// seconds, read by `loam status`.
package struct LiveStatus: Codable, Sendable {
  /// The daemon's process.
  package var pid: Int32
  /// Seconds since it started.
  package var uptime_seconds: Int
  package var version: String
  /// The kernels in use, as in `avx2`.
  package var cpu: String
  package var camera: CameraCondition?
  /// Bursts that wait to be judged, and how many may.
  package var intake: Int
  package var intake_limit: Int
  package var memory_budget_bytes: Int
  package var rss_bytes: Int?
  package var peak_rss_bytes: Int?
  package var photo_bytes: Int
  package var quota_bytes: Int?
  package var disk_free_bytes: Int?
  package var celsius: Double?
  /// Milliseconds of each stage from trigger to light, over the latest bursts.
  package var stages: [String: StageLog.Figures]
  /// Milliseconds from the start of the process to the first judged photo.
  package var first_photo_ms: Double?
  /// What is wrong with lights and buttons.
  package var panel_problems: [String]
  /// What is wrong now, with its remedy; the newest first.
  package var faults: [String]

  /// The file's name in the store's folder.
  package static let fileName = "live.json"

  /// Puts it at `path`, as a whole; errors are the caller's to ignore: it comes again in seconds.
  package func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(self)
    let temporary = path + ".part"
    try data.write(to: URL(filePath: temporary))
    guard unsafe rename(temporary, path) == 0 else {
      throw BundleError.notWritable(path: path, why: errorText(errno))
    }
  }

  /// What the daemon of the store in `folder` says, if one runs; `nil` if none does.
  package static func read(store folder: String) -> LiveStatus? {
    guard let data = FileManager.default.contents(atPath: "\(folder)/\(fileName)"),
      data.count < 1 << 20, let status = try? JSONDecoder().decode(LiveStatus.self, from: data),
      status.pid > 0, kill(status.pid, 0) == 0 || errno == EPERM
    else { return nil }
    return status
  }
}

/// Where the daemon puts its live status: in the folder for run-time files that the system gave it, so
/// that no flash memory wears, with a link to it from the store; else in the store.
package func liveStatusPath(store: String, runtimeFolder: String?) -> String {
  let inStore = "\(store)/\(LiveStatus.fileName)"
  guard let runtimeFolder, !runtimeFolder.isEmpty else { return inStore }
  let path = "\(runtimeFolder)/\(LiveStatus.fileName)"
  unsafe unlink(inStore)
  guard unsafe symlink(path, inStore) == 0 else { return inStore }
  return path
}
