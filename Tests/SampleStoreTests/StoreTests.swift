import FoundationEssentials
import SampleStore
import Testing

@Suite struct StoreTests {
  @Test("gives back captures, candidates and features as they were stored")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let store = try folder.open()
    var burst = newCandidate(1, patches: 4, length: 5)
    burst.captures.append(newCapture(2))
    burst.group = "burst-7"
    let id = try store.insert(burst)
    let candidate = try store.candidate(id)
    #expect(candidate.state == .pool && candidate.group == "burst-7")
    let captures = try store.captures(of: id)
    #expect(captures.map(\.sha256) == [hash(1), hash(2)])
    #expect(captures.map(\.size) == [PixelSize(width: 640, height: 480), captures[1].size])
    #expect(captures[0].takenAt == noon && captures[0].byteCount == 1001)
    #expect(candidate.place < captures[0].place && captures[0].place < captures[1].place)
    #expect(try store.features(of: id, bodySHA256: body) == burst.features)
    #expect(try store.features(of: id, bodySHA256: hash(1)) == nil)
    #expect(try store.capture(sha256: hash(2))?.candidateID == id)
    #expect(try store.capture(sha256: hash(3)) == nil)
  }

  @Test(
    "a device sweeps photos that a crash left unfinished when it opens its store; a tool does not")
  func sweepsUnfinished() throws {
    let folder = try TemporaryFolder()
    let kept = try folder.open().photos.store([1, 2, 3], sha256: hash(0xab))
    let left = kept + ".4711.partial"
    try Data([1]).write(to: URL(filePath: left))
    _ = try folder.open(.tool)
    #expect(FileManager.default.fileExists(atPath: left), "the device may be writing it")
    _ = try folder.open(.device)
    #expect(!FileManager.default.fileExists(atPath: left))
    #expect(FileManager.default.fileExists(atPath: kept))
  }

  @Test("notes a photo that could not be used, even one that could not be read")
  func failedCapture() throws {
    let folder = try TemporaryFolder()
    let store = try folder.open()
    let unread = NewCapture(
      sha256: nil, originalName: "x.jpg", byteCount: 0, size: nil, takenAt: noon)
    try store.insertFailed(unread, failure: "permission denied")
    try store.insertFailed(
      newCapture(5), failure: "trunc\u{1b}[2Jated" + String(repeating: "!", count: 5000))
    let known = try #require(try store.capture(sha256: hash(5)))
    #expect(known.candidateID == nil && known.failure?.hasPrefix("trunc [2Jated!") == true)
    #expect(known.failure?.count == 2000)
    #expect(try store.counts().failedCaptures == 2)
  }

  @Test("adds a capture to a candidate and makes its score anew")
  func grows() throws {
    let folder = try TemporaryFolder()
    let store = try folder.open()
    let id = try store.insert(newCandidate(1))
    let model = try store.recordModel(newModel(1), at: noon, activate: true)
    try store.save([newPrediction(id, score: 1)], model: model.id)
    let more = FeatureBlock(patches: 4, values: values(12, seed: 9))
    try store.add(newCapture(2), to: id, features: more, bodySHA256: body)
    #expect(try store.captures(of: id).count == 2)
    #expect(try store.features(of: id, bodySHA256: body) == more)
    #expect(try store.prediction(of: id) == nil)
    var stale = store.capturesWithoutFeatures(bodySHA256: hash(2))
    #expect(try stale.next()?.map(\.sha256) == [hash(1), hash(2)])
    try store.saveFeatures([id: more], bodySHA256: hash(2))
    var fresh = store.capturesWithoutFeatures(bodySHA256: hash(2))
    #expect(try fresh.next() == nil)
  }

  @Test("refuses what does not fit, and stores nothing of the batch")
  func atomic() throws {
    let folder = try TemporaryFolder()
    let store = try folder.open()
    var infinite = newCandidate(2)
    infinite.features.values[3] = 65_520
    #expect(throws: StoreError.notFinite("a feature of candidate 2")) {
      try store.insert([newCandidate(1), infinite])
    }
    var ragged = newCandidate(3)
    ragged.features.values.removeLast()
    var nameless = newCandidate(4)
    nameless.captures[0].sha256 = "../../etc/passwd"
    var empty = newCandidate(5)
    empty.captures = []
    for candidate in [ragged, nameless, empty] {
      #expect(throws: StoreError.self) { try store.insert([newCandidate(1), candidate]) }
    }
    #expect(try store.counts().captures == 0)
    #expect(try store.counts().candidates.isEmpty)
  }

  @Test("rounds features to fp16 as FeatureBlock.asStored says")
  func half() throws {
    let folder = try TemporaryFolder()
    let store = try folder.open()
    var candidate = newCandidate(1)
    candidate.features.values = [0.1, -0.333_333, 65_504, 6e-8, -0.0, 1e-9]
    let id = try store.insert(candidate)
    let stored = try #require(try store.features(of: id, bodySHA256: body))
    #expect(stored == candidate.features.asStored)
    #expect(stored.values != candidate.features.values)
    #expect(stored.values[2] == 65_504 && abs(stored.values[0] - 0.1) < 1e-4)
  }

  @Test("counts starts of the device only, and orders everything by one sequence")
  func boots() throws {
    let folder = try TemporaryFolder()
    var store: SampleStore? = try folder.open(.device)
    let first = try #require(try store?.insert(newCandidate(1)))
    store = nil
    store = try folder.open(.tool)
    #expect(try store?.counts().boot == 1)
    store = nil
    store = try folder.open(.device)
    let second = try #require(try store?.insert(newCandidate(2)))
    let places = try [first, second].compactMap { try store?.candidate($0).place }
    #expect(places.map(\.boot) == [1, 2])
    #expect(places.map(\.sequence) == [1, 3])
  }

  @Test("keeps one device process out of another's store")
  func oneDevice() throws {
    let folder = try TemporaryFolder()
    let device = try folder.open(.device)
    #expect(throws: StoreError.inUse(folder: folder.path)) { try folder.open(.device) }
    let tool = try folder.open(.tool)
    try tool.insert(newCandidate(1))
    #expect(try device.counts().captures == 1)
  }

  @Test("hands out a pool in chunks, every feature as it was stored")
  func chunks() throws {
    let folder = try TemporaryFolder()
    let store = try folder.open()
    let features = FeatureBlock(patches: 8, values: values(8 * 1280, seed: 1))
    try store.insert(
      (0..<100).map {
        NewCandidate(captures: [newCapture($0)], features: features, bodySHA256: body)
      })
    var cursor = store.poolSamples(bodySHA256: body)
    var loaded = 0
    while let chunk = try cursor.next() {
      #expect(chunk.count <= 64)
      #expect(chunk.allSatisfy { $0.features == features })
      loaded += chunk.count
    }
    #expect(loaded == 100)
  }

  @Test("keeps the newest events")
  func events() throws {
    let folder = try TemporaryFolder()
    let store = try folder.open()
    for index in 0..<5 {
      try store.recordEvent(.info, kind: "k", message: "\(index)\u{7}", at: noon)
    }
    #expect(try store.events(limit: 2).map(\.message) == ["4 ", "3 "])
    #expect(try store.events(limit: 2).map(\.kind) == ["k", "k"])
    #expect(try store.events(limit: 0).isEmpty)
  }
}

@Suite struct PhotoTests {
  @Test("stores a photo by its hash, as a whole, once")
  func stores() throws {
    let folder = try TemporaryFolder()
    let store = try folder.open()
    let name = "ab" + hash(1).dropFirst(2)
    #expect(try !store.photos.contains(name))
    let path = try store.photos.store([1, 2, 3], sha256: name)
    #expect(path == folder.path + "/captures/ab/\(name).jpg")
    #expect(try store.photos.contains(name))
    #expect(try Data(contentsOf: URL(filePath: path)) == Data([1, 2, 3]))
    #expect(try store.photos.store([1, 2, 3], sha256: name) == path)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path + "/captures/ab") == [
        "\(name).jpg"
      ])
    for bad in ["", "..", String(repeating: "/", count: 64), hash(10).uppercased()] {
      #expect(throws: StoreError.badHash(bad)) { try store.photos.store([1], sha256: bad) }
    }
  }

  @Test("says that a photo could not be stored, and leaves nothing behind")
  func fails() throws {
    let folder = try TemporaryFolder()
    let store = try folder.open()
    try Data().write(to: URL(filePath: folder.path + "/captures"))
    #expect(throws: StoreError.self) { try store.photos.store([1], sha256: hash(1)) }
  }
}
