import FoundationEssentials
import Simulation
import Testing

@Suite("Feature cache")
struct FeatureCacheTests {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "loam-cache-\(UInt64.random(in: 0 ... .max))").path

  private func key(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

  private func cache() throws -> FeatureCache {
    try FeatureCache(folder: folder, key: "k", valueCount: 4)
  }

  @Test("gives back what was kept, also after it was opened again")
  func keeps() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      let first = try cache()
      try first.add(key(1), [1, -2, 0.5, 65504])
      try first.add(key(2), [0, 0, 0, 1])
      #expect(first.features(key(1)) == [1, -2, 0.5, 65504])
    }
    let again = try cache()
    #expect(again.count == 2)
    #expect(again.features(key(1)) == [1, -2, 0.5, 65504])
    #expect(again.features(key(3)) == nil)
  }

  @Test("does not give back a record that was altered or cut short, and takes it anew")
  func torn() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      let first = try cache()
      try first.add(key(1), [1, 2, 3, 4])
      try first.add(key(2), [5, 6, 7, 8])
    }
    let path = "\(folder)/k.features"
    var bytes = Array(try #require(FileManager.default.contents(atPath: path)))
    bytes[41] ^= 1
    try Data(bytes.dropLast(3)).write(to: URL(filePath: path))
    let again = try cache()
    #expect(again.features(key(1)) == nil)
    #expect(again.features(key(2)) == nil)
    try again.add(key(1), [1, 2, 3, 4])
    try again.add(key(2), [5, 6, 7, 8])
    #expect(again.features(key(1)) == [1, 2, 3, 4])
    #expect(again.features(key(2)) == [5, 6, 7, 8])
  }

  @Test("is used by one process at a time")
  func locked() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let first = try cache()
    #expect(throws: SimulationError.self) { _ = try cache() }
    #expect(first.count == 0)
  }

  @Test("says where it cannot be written")
  func unwritable() {
    #expect(throws: SimulationError.self) {
      _ = try FeatureCache(folder: "/dev/null/cache", key: "k", valueCount: 4)
    }
  }
}
