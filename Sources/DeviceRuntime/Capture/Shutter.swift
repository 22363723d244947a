/// A camera that takes photos when it is told to; every call may block, none for ever.
package protocol Shutter: AnyObject, Sendable {
  /// Up to `count` photos, each a complete JPEG begun after the call; fewer if the camera failed on the
  /// way. Throws when there is none within `timeout`.
  func takePhotos(_ count: Int, timeout: Duration) throws -> [[UInt8]]

  /// The newest picture without waiting, to look for motion in; `nil` where there is none yet.
  func latestPhoto() -> [UInt8]?

  /// How the camera does.
  var condition: CameraCondition { get }

  /// Ends it and what it started.
  func stop()
}

/// How a camera does, for people.
package struct CameraCondition: Hashable, Sendable, Codable {
  /// What it is, as configured.
  package var address: String
  package var isWorking: Bool
  /// In a sentence, with the next step where it fails.
  package var text: String
  /// How often it had to be started again.
  package var restarts: Int

  /// A condition.
  package init(address: String, isWorking: Bool, text: String, restarts: Int = 0) {
    self.address = address
    self.isWorking = isWorking
    self.text = text
    self.restarts = restarts
  }
}
