package import Board

/// A camera of the board as a shutter.
package final class CameraShutter: Shutter {
  private let camera: StreamCamera

  /// The shutter of `camera`, which runs already.
  package init(_ camera: StreamCamera) { self.camera = camera }

  package func takePhotos(_ count: Int, timeout: Duration) throws -> [[UInt8]] {
    try camera.take(count, timeout: timeout).map(\.bytes)
  }

  package func latestPhoto() -> [UInt8]? { camera.latest()?.bytes }

  package var condition: CameraCondition {
    CameraCondition(camera.health, address: camera.address.description)
  }

  package func stop() { camera.stop() }
}

extension CameraCondition {
  /// What `health` says, for people.
  init(_ health: CameraHealth, address: String) {
    let text =
      switch health.state {
      case .starting: "started; no photo has come yet"
      case .working: "works, \(health.frames) pictures"
      case .failing(let reason, _): reason
      case .stopped: "stopped"
      }
    self.init(
      address: address, isWorking: health.failure == nil, text: text,
      restarts: Int(clamping: health.restarts))
  }
}

extension MotionDetector: MotionJudge {
  package mutating func hasMoved(luma: [UInt8], width: Int, height: Int) -> Bool {
    feed(luma, width: width, height: height).begins
  }
}
