internal import CBoard
internal import Glibc

/// A camera of the kernel (V4L2) that streams into mapped buffers.
///
/// Only `loam camera` opens one, in a process of its own: a driver that hangs takes that one with it.
/// One thread at a time.
package final class DeviceCamera: FrameSource {
  package let path: String
  /// What the driver calls the camera.
  package let card: String
  /// What the camera gives, after having been asked for the nearest.
  package let width: Int
  package let height: Int
  private let format: CameraFrame.Format
  private var camera: cboard_camera

  /// The formats that are understood, the best first: a camera's own JPEGs are smaller on the cable, so
  /// that it gives more pixels or frames.
  private static let formats = ["MJPG", "JPEG", "YUYV"]

  /// Opens the camera at `path` and starts it with the size and rate it has nearest to the ones given.
  package init(path: String, width: Int, height: Int, framesPerSecond: Int?) throws(CameraError) {
    var camera = cboard_camera()
    let opened = unsafe cboard_camera_open(path, &camera)
    let card = unsafe Self.card(&camera)
    switch -opened {
    case ...0: break
    case ENOTTY: throw .notACamera(path: path, found: "not a video device")
    case ENOTSUP:
      throw .notACamera(path: path, found: "a video device ('\(card)') without pictures")
    default: throw .cannotOpenDevice(path: path, reason: SystemFailure.text(-opened))
    }
    do throws(CameraError) {
      let code = try unsafe Self.choose(
        &camera, path, width: width, height: height, rate: framesPerSecond ?? 0)
      try Self.check(unsafe cboard_camera_start(&camera), path, "starting the stream")
      self.width = Int(camera.width)
      self.height = Int(camera.height)
      let bytesPerRow = Int(camera.bytes_per_line)
      format =
        code == "YUYV"
        ? .yuyv(bytesPerRow: bytesPerRow > 0 ? bytesPerRow : 2 * self.width) : .jpeg
    } catch {
      unsafe cboard_camera_close(&camera)
      throw error
    }
    self.path = path
    self.card = card
    self.camera = camera
  }

  deinit { unsafe cboard_camera_close(&camera) }

  package var name: String { path }
  package var readyDescriptor: Int32 { camera.fd }

  /// The format and size, for people.
  package var summary: String {
    "\(card), \(width)×\(height), \(format == .jpeg ? "JPEG" : "YUYV")"
  }

  package func take(_ isWanted: (UInt64?) -> Bool) throws(CameraError) -> TakenFrame {
    var frame = unsafe cboard_camera_frame()
    let result = unsafe cboard_camera_take(&camera, &frame)
    if result == -EAGAIN { return .none }
    try Self.check(result, path, "taking a frame")
    var taken = TakenFrame.unwanted
    if unsafe frame.is_damaged != 0 {
      taken = .damaged
    } else if isWanted(unsafe frame.nanoseconds == 0 ? nil : frame.nanoseconds) {
      let bytes = unsafe Array(UnsafeBufferPointer(start: frame.bytes, count: frame.count))
      taken = .frame(CameraFrame(format: format, width: width, height: height, bytes: bytes))
    }
    try Self.check(unsafe cboard_camera_give(&camera, frame.index), path, "giving a buffer back")
    return taken
  }

  /// Sets the first of `formats` that the camera takes; its name.
  @unsafe private static func choose(
    _ camera: inout cboard_camera, _ path: String, width: Int, height: Int, rate: Int
  ) throws(CameraError) -> String {
    var offered: [String] = []
    var code = UInt32(0)
    while offered.count < 64,
      unsafe cboard_camera_offers(&camera, UInt32(offered.count), &code) >= 0
    {
      offered.append(name(of: code))
    }
    for format in formats where offered.contains(format) {
      let wanted = format.utf8.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      try check(
        unsafe cboard_camera_set(&camera, wanted, UInt32(width), UInt32(height), UInt32(rate)),
        path, "setting \(format) \(width)×\(height)")
      if camera.format == wanted { return format }
    }
    throw .noUsableFormat(path: path, offered: offered)
  }

  private static func check(_ result: Int32, _ path: String, _ operation: String)
    throws(CameraError)
  {
    guard result < 0 else { return }
    throw .deviceFailed(
      path: path, operation: operation,
      reason: result == -EBUSY
        ? "another program uses it" : SystemFailure.text(-result))
  }

  /// The four characters of a format's code.
  private static func name(of code: UInt32) -> String {
    String(
      decoding: (0..<4).map { UInt8(truncatingIfNeeded: code >> (8 * $0)) & 0x7F }
        .filter { $0 > 0x20 && $0 < 0x7F }, as: UTF8.self)
  }

  @unsafe private static func card(_ camera: inout cboard_camera) -> String {
    unsafe withUnsafeBytes(of: &camera.card) { bytes in
      unsafe String(decoding: bytes.prefix { $0 >= 0x20 && $0 != 0x7F }, as: UTF8.self)
    }
  }
}
