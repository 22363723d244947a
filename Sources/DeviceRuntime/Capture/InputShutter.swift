package import Board
internal import Synchronization

/// Standard input as a shutter: each picture that arrives is one photo, and none is passed over.
package final class InputShutter: Shutter {
  private struct State: ~Copyable {
    let camera: StandardInputCamera
    var isOver = false
  }

  private let state: Mutex<State>

  /// The shutter of `camera`.
  package init(_ camera: sending StandardInputCamera) { state = Mutex(State(camera: camera)) }

  package func takePhotos(_ count: Int, timeout: Duration) throws -> [[UInt8]] {
    try state.withLock { state in
      var photos: [[UInt8]] = []
      while photos.count < count, !state.isOver {
        do throws(CameraError) {
          guard let shot = try state.camera.next(timeout: timeout) else { break }
          photos.append(shot.bytes)
        } catch {
          state.isOver = true
          if photos.isEmpty { throw error }
        }
      }
      return photos
    }
  }

  package func latestPhoto() -> [UInt8]? { nil }

  package var condition: CameraCondition {
    state.withLock {
      $0.isOver
        ? CameraCondition(
          address: "stdin", isWorking: true, text: "ended; every photo of it was taken")
        : CameraCondition($0.camera.health, address: "stdin")
    }
  }

  package func stop() {}
}
