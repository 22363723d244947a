import FoundationEssentials
import Testing

@testable import Board

@Suite struct SystemHealthTests {
  /// Gives `body` a folder with the given files in it, and takes it away.
  private func with(_ files: [String: String], _ body: (SystemHealth) throws -> Void) throws {
    let root = "/tmp/loam-health-\(UInt64.random(in: 0...UInt64.max))"
    defer { try? FileManager.default.removeItem(atPath: root) }
    for (name, text) in files {
      let url = URL(filePath: root + "/" + name)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    try body(SystemHealth(root: root))
  }

  @Test("takes the hottest zone, and no nonsense")
  func temperature() throws {
    try with([
      "sys/class/thermal/thermal_zone0/temp": "41250\n",
      "sys/class/thermal/thermal_zone1/temp": "63000\n",
      "sys/class/thermal/thermal_zone2/temp": "999999999\n",
      "sys/class/thermal/thermal_zone3/temp": "hot\n",
      "sys/class/thermal/cooling_device0/temp": "90000\n",
    ]) { #expect($0.temperature == 63) }
    try with(["x": ""]) { #expect($0.temperature == nil) }
  }

  @Test("takes the least limit of the group and those above it")
  func memoryLimit() throws {
    try with([
      "proc/self/cgroup": "1:name=systemd:/x\n0::/system.slice/loam.service\n",
      "sys/fs/cgroup/system.slice/loam.service/memory.max": "max\n",
      "sys/fs/cgroup/system.slice/memory.max": "104857600\n",
      "sys/fs/cgroup/memory.max": "209715200\n",
    ]) { #expect($0.memoryLimit == 104_857_600) }
    try with(["proc/self/cgroup": "0::/\n"]) { #expect($0.memoryLimit == nil) }
    try with(["proc/self/cgroup": "0::/../../etc\n"]) { #expect($0.memoryLimit == nil) }
    try with(["x": ""]) { #expect($0.memoryLimit == nil) }
  }

  @Test("reads the boot's identity")
  func boot() throws {
    let id = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
    try with(["proc/sys/kernel/random/boot_id": id + "\n"]) { #expect($0.bootID == id) }
    try with(["proc/sys/kernel/random/boot_id": "short\n"]) { #expect($0.bootID == nil) }
    #expect(SystemHealth().bootID == SystemHealth().bootID)
  }

  @Test("measures the space of a file system")
  func space() throws {
    let space = try #require(SystemHealth.space(at: "/tmp"))
    #expect(space.freeBytes >= 0 && space.freeBytes <= space.totalBytes && space.totalBytes > 0)
    #expect(SystemHealth.space(at: "/nowhere/there") == nil)
  }
}

@Suite struct StandardErrorTargetTests {
  @Test("knows the journal's stream by device and inode alone")
  func matches() {
    #expect(StandardErrorTarget.matches("8:1234", device: 8, inode: 1234))
    for stream in [nil, "", "8:1235", "9:1234", "8", "8:1234:", " 8:1234"] {
      #expect(!StandardErrorTarget.matches(stream, device: 8, inode: 1234))
    }
    #expect(!StandardErrorTarget.isJournal(environment: [:]))
    #expect(!StandardErrorTarget.isJournal(environment: ["JOURNAL_STREAM": "1:1"]))
  }
}
