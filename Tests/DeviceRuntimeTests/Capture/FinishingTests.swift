import Board
@testable import DeviceRuntime
import Foundation
import Imaging
import SampleStore
import Testing

@Suite("A candidate whose entering was cut off")
struct FinishingTests {
  let world: World

  init() throws { world = try World() }

  private func arrived(_ index: Int) throws -> ArrivedPhoto {
    let path = try world.photo(index)
    return ArrivedPhoto(bytes: Array(try Data(contentsOf: URL(filePath: path))), name: path)
  }

  /// Enters the photo as a device does that is cut off before it has a prediction; returns the candidate.
  private func enter(_ photo: ArrivedPhoto, _ device: Device) throws -> Int64 {
    let sha256 = sha256Text(photo.bytes)
    let picture = Photo(bytes: photo.bytes, name: photo.name, limits: device.settings.decoding)
    try device.store.photos.store(photo.bytes, sha256: sha256)
    return try device.store.insert(
      NewCandidate(
        captures: [
          NewCapture(
            sha256: sha256, originalName: "x.jpg", byteCount: photo.bytes.count, size: nil,
            takenAt: world.clock.stamp)
        ],
        features: try device.judge.features(
          of: picture, identity: patchIdentity(sha256: sha256), count: device.judge.patchCount),
        bodySHA256: device.judge.bodySHA256, isAudit: false))
  }

  @Test("is judged when its photo comes again, once, and its bytes count")
  func finishes() throws {
    let device = try world.device()
    let photo = try arrived(0)
    let id = try enter(photo, device)
    #expect(try device.store.prediction(of: id) == nil)
    let burst = Burst(photos: [photo], trigger: .button)
    #expect(try device.capture(burst) == id)
    let prediction = try #require(try device.store.prediction(of: id))
    #expect(prediction.probabilities.count == device.judge.patchCount * 2)
    #expect(device.photoByteCount == photo.bytes.count)
    #expect(try device.capture(burst) == id)
    #expect(try device.store.prediction(of: id) == prediction)
    #expect(try device.store.counts().captures == 1)
  }

  @Test("is judged though all the burst's other photos cannot be read")
  func amongUnreadable() throws {
    let device = try world.device()
    let photo = try arrived(0)
    let id = try enter(photo, device)
    let bad = [
      ArrivedPhoto(bytes: [0xFF, 0xD8, 0xFF], name: "cut.jpg"),
      ArrivedPhoto(bytes: Array("no photo".utf8), name: "text.jpg"),
    ]
    #expect(try device.capture(Burst(photos: bad + [photo], trigger: .button)) == id)
    #expect(try device.store.prediction(of: id) != nil)
    #expect(try device.store.counts().failedCaptures == 2)
  }

  @Test("does not come of a burst of which no photo can be read, however often it is given")
  func allUnreadable() throws {
    let device = try world.device()
    let bad = ["one", "two"].map { ArrivedPhoto(bytes: Array($0.utf8), name: "\($0).jpg") }
    for _ in 0..<2 {
      #expect(try device.capture(Burst(photos: bad, trigger: .button)) == nil)
      let counts = try device.store.counts()
      #expect(counts.failedCaptures == 2 && counts.candidates.isEmpty)
    }
    #expect(try !device.askIfDue())
    #expect(device.latestTimes == nil)
  }
}
