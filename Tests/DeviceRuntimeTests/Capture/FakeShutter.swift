import DeviceRuntime
import Synchronization

/// A camera that gives the photos it was given, fails when told, and counts what it was asked.
final class FakeShutter: Shutter {
  struct Broken: Error, CustomStringConvertible {
    var description: String { "the fake camera is unplugged; plug it in" }
  }

  private struct State {
    var photos: [[UInt8]]
    var isBroken = false
    var latest: [UInt8]?
    var asked: [Int] = []
    var isStopped = false
  }

  private let state: Mutex<State>

  init(_ photos: [[UInt8]]) { state = Mutex(State(photos: photos)) }

  var asked: [Int] { state.withLock { $0.asked } }
  var isStopped: Bool { state.withLock { $0.isStopped } }
  func setBroken(_ broken: Bool) { state.withLock { $0.isBroken = broken } }
  func setLatest(_ photo: [UInt8]?) { state.withLock { $0.latest = photo } }

  func takePhotos(_ count: Int, timeout: Duration) throws -> [[UInt8]] {
    try state.withLock { state in
      state.asked.append(count)
      if state.isBroken { throw Broken() }
      let taken = Array(state.photos.prefix(count))
      state.photos.removeFirst(taken.count)
      return taken
    }
  }

  func latestPhoto() -> [UInt8]? { state.withLock { $0.latest } }

  var condition: CameraCondition {
    state.withLock {
      CameraCondition(
        address: "fake", isWorking: !$0.isBroken, text: $0.isBroken ? "unplugged" : "works")
    }
  }

  func stop() { state.withLock { $0.isStopped = true } }
}
