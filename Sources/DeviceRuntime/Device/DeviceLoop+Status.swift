import Board
import Glibc
import Kernels

extension DeviceLoop {
  /// How things stand now.
  func liveStatus(now: UInt64) -> LiveStatus {
    let memory = ProcessMemory.current()
    var figures: [String: StageLog.Figures] = [:]
    for stage in StageLog.Stage.allCases { figures[stage.rawValue] = stages.figures(stage) }
    return LiveStatus(
      pid: getpid(), uptime_seconds: Int((now - startNanoseconds) / 1_000_000_000),
      version: programVersion, cpu: CPU.report,
      camera: ports.captureLoop?.condition
        ?? ports.folder.map {
          CameraCondition(
            address: "dir:\($0.folder)", isWorking: faults["camera"] == nil,
            text: faults["camera"] ?? "watching")
        },
      intake: ports.intake?.count ?? 0, intake_limit: ports.intake?.limit ?? 0,
      memory_budget_bytes: device.budget.bytes, rss_bytes: memory?.residentByteCount,
      peak_rss_bytes: memory?.peakByteCount, photo_bytes: device.photoByteCount,
      quota_bytes: device.settings.diskQuota, disk_free_bytes: ports.freeByteCount(),
      celsius: ports.celsius(), stages: figures,
      first_photo_ms: firstPhoto.map { $0 / .milliseconds(1) },
      panel_problems: ports.panel?.problems ?? [],
      faults: faults.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" })
  }
}
