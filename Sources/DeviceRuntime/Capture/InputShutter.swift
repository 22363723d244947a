package import Board
internal import Synchronization

/// Standard input as a shutter: each picture that arrives is one photo, and none is passed over.
package final class InputShutter: Shutter {
  private struct Reading: ~Copyable {
    let camera: StandardInputCamera
    var isOver = false
  }

  private let reading: Mutex<Reading>
  /// Apart from the reading, which waits for the input.
  private let known = Mutex(CameraCondition(CameraHealth(), address: "stdin"))

  /// The shutter of `camera`.
  package init(_ camera: sending StandardInputCamera) { reading = Mutex(Reading(camera: camera)) }

  package func takePhotos(_ count: Int, timeout: Duration) throws -> [[UInt8]] {
    try reading.withLock { reading in
      var photos: [[UInt8]] = []
      while photos.count < count, !reading.isOver {
        do throws(CameraError) {
          guard let shot = try reading.camera.next(timeout: timeout) else { break }
          photos.append(shot.bytes)
        } catch .ended {
          reading.isOver = true
        } catch {
          if photos.isEmpty { throw error }
          break
        }
      }
      let condition =
        reading.isOver
        ? CameraCondition(
          address: "stdin", isWorking: true, text: "ended; every photo of it was taken")
        : CameraCondition(reading.camera.health, address: "stdin")
      known.withLock { $0 = condition }
      return photos
    }
  }

  package func latestPhoto() -> [UInt8]? { nil }

  package var condition: CameraCondition { known.withLock { $0 } }

  package func stop() {}
}
