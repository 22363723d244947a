/// What makes the device take photos.
package enum Trigger: String, Hashable, Sendable, Codable, CaseIterable {
  /// A photo came by itself: a file in the folder, a frame on standard input.
  case arrival
  /// The shutter button.
  case button
  /// So much time has passed.
  case interval
  /// The picture has changed.
  case motion
  /// The operator or a program asked for it.
  case command
}

/// A photo as it came from a camera.
package struct ArrivedPhoto: Hashable, Sendable {
  /// A complete JPEG.
  package var bytes: [UInt8]
  /// What to call it: its file's name or path.
  package var name: String
  /// The durable file that holds it, on the store's file system, if there is one.
  package var spoolPath: String?

  /// A photo of `bytes` called `name`.
  package init(bytes: [UInt8], name: String, spoolPath: String? = nil) {
    self.bytes = bytes
    self.name = name
    self.spoolPath = spoolPath
  }
}

/// Photos that one trigger took, of one subject: one candidate.
package struct Burst: Hashable, Sendable {
  /// At least one.
  package var photos: [ArrivedPhoto]
  package var trigger: Trigger
  /// When the trigger came and when the last photo was there, on the device's clock; `nil` for photos
  /// that an earlier run left.
  package var triggeredNanoseconds: UInt64?
  package var takenNanoseconds: UInt64?

  /// A burst of `photos`.
  package init(
    photos: [ArrivedPhoto], trigger: Trigger, triggeredNanoseconds: UInt64? = nil,
    takenNanoseconds: UInt64? = nil
  ) {
    self.photos = photos
    self.trigger = trigger
    self.triggeredNanoseconds = triggeredNanoseconds
    self.takenNanoseconds = takenNanoseconds
  }
}
