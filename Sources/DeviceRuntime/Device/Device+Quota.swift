import Logging
import SampleStore

extension Device {
  /// Candidates whose photos make room at a time, so that no step takes long.
  private static let evictedAtOnce = 16

  /// Makes room, a little at a time, if photos and database pass `settings.diskQuota` or less than `settings.diskReserve` is free:
  /// the pool's photos that the model is surest of go first; answers, questions, audits and bundles
  /// never. Returns how many went.
  @discardableResult
  package func makeRoom(freeByteCount: Int?) throws -> Int {
    let used = try photoByteCount + (settings.diskQuota == nil ? 0 : store.databaseByteCount())
    let excess = max(
      settings.diskQuota.map { used - $0 } ?? 0,
      freeByteCount.map { settings.diskReserve - $0 } ?? 0)
    guard excess > 0 else { return 0 }
    let candidates = try store.evictable(limit: Self.evictedAtOnce)
    guard !candidates.isEmpty else {
      if !hasSaidFull {
        hasSaidFull = true
        let text =
          "no photo can make room: all are answered, asked or audits; raise disk.quota, export "
          + "and start a new store, or use a larger disk"
        notice(text)
        try store.recordEvent(.warning, kind: "quota.full", message: text, at: clock.stamp)
      }
      return 0
    }
    var going: [Evictable] = []
    var bytes = 0
    for photo in candidates where bytes < excess {
      going.append(photo)
      bytes += photo.byteCount
    }
    try store.evict(going)
    photoByteCount = max(0, photoByteCount - bytes)
    hasSaidFull = false
    log.info("made room", metadata: ["candidates": "\(going.count)", "bytes": "\(bytes)"])
    return going.reduce(0) { $0 + $1.sha256.count }
  }
}
