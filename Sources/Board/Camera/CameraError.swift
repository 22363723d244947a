/// Why a camera cannot be used, or gave no photo.
package enum CameraError: Error, Hashable, Sendable, CustomStringConvertible {
  case notAFolder(path: String)
  case cannotWatch(path: String, reason: String)
  /// The folder is no longer there: deleted, renamed or unmounted.
  case folderGone(path: String)
  case tooManyFolders(path: String, most: Int)
  /// The address names no source that streams, so no `StreamCamera` can be made of it.
  case notAStream(address: String)
  /// No photo came in time; `reason` is what is known about the cause.
  case noPhoto(address: String, reason: String)
  /// The camera was stopped, or its standard input has ended.
  case ended(address: String)
  /// The device is missing or may not be opened.
  case cannotOpenDevice(path: String, reason: String)
  /// The path names something that is no camera: `found` says what.
  case notACamera(path: String, found: String)
  /// The camera has no format that is understood here.
  case noUsableFormat(path: String, offered: [String])
  /// The driver refused an operation, or the device went away.
  case deviceFailed(path: String, operation: String, reason: String)
  /// The camera streams but fills no buffer.
  case silent(path: String, seconds: Int)
  /// Every frame for a while was incomplete.
  case onlyDamaged(path: String, frames: Int)
  /// Something else than a number of photos was asked for on the standard input of `loam camera`.
  case badRequest(found: String)

  package var description: String {
    switch self {
    case .notAFolder(let path):
      "'\(path)' is not a folder; give the folder that photos arrive in"
    case .cannotWatch(let path, let reason):
      "cannot watch the folder '\(path)': \(reason); check its rights and "
        + "fs.inotify.max_user_watches"
    case .folderGone(let path):
      "the folder '\(path)' is gone; it is watched again when it comes back"
    case .tooManyFolders(let path, let most):
      "'\(path)' holds more than \(most) folders; give one further down, or do not look below it"
    case .notAStream(let address):
      "'\(address)' is not a camera that photos are taken with; give v4l2:/dev/v4l/by-id/… or "
        + "exec:COMMAND"
    case .noPhoto(let address, let reason):
      "the camera '\(address)' gave no photo: \(reason)"
    case .ended(let address):
      "the camera '\(address)' has ended; start the device again to use it"
    case .cannotOpenDevice(let path, let reason):
      "cannot open the camera '\(path)': \(reason); check that it is plugged in, that no other "
        + "program uses it and that this user may open it (on Debian, group video)"
    case .notACamera(let path, let found):
      "'\(path)' is \(found); expected a camera that streams photos: give the one under "
        + "/dev/v4l/by-id that ends in video-index0"
    case .noUsableFormat(let path, let offered):
      "the camera '\(path)' offers \(offered.isEmpty ? "nothing" : offered.joined(separator: ", ")); "
        + "needed is MJPG, JPEG or YUYV: use exec: with a command that prints its pictures as JPEG"
    case .deviceFailed(let path, let operation, let reason):
      "\(operation) failed on the camera '\(path)': \(reason); check its plug and its cable, or "
        + "give it a smaller size"
    case .silent(let path, let seconds):
      "the camera '\(path)' has given no frame for \(seconds) s; check its cable and the power of "
        + "its port"
    case .onlyDamaged(let path, let frames):
      "the last \(frames) frames of the camera '\(path)' were incomplete; check its cable, or give "
        + "it a smaller size or a lower rate"
    case .badRequest(let found):
      "'\(found)' was asked for on standard input; expected a number of photos from 1 to "
        + "\(FrameServer.mostAtOnce), one a line, or use --count"
    }
  }
}
