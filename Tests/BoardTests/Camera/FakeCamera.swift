import Board
import Glibc
import Testing

/// A camera played by a shell script, in a folder with the pictures `0.jpg` to `9.jpg`; both go with it.
final class FakeCamera {
  let folder: TemporaryFolder
  let camera: StreamCamera

  /// The camera of a script of `lines`, which runs in the folder and notes its process in the file
  /// `pid`. It is a command, or stands in for `loam camera` at the address of a device.
  init(
    _ lines: String, _ settings: StreamCameraSettings = .patient, at device: CameraAddress? = nil,
    prepare: (TemporaryFolder) throws -> Void = { _ in }
  ) throws {
    folder = try TemporaryFolder()
    let script = folder.path + "/camera.sh"
    for number in 0..<10 { try folder.write("\(number).jpg", FakePictures.jpeg(number)) }
    let text = "cd '\(folder.path)'\necho $$ > pid.new\nmv pid.new pid\n" + lines + "\n"
    try folder.write("camera.sh", Array(text.utf8))
    try prepare(folder)
    camera = try StreamCamera(
      device ?? .command(["sh", script]), settings: settings, helper: ["sh", script])
  }

  deinit { camera.stop() }

  var health: CameraHealth { camera.health }

  func take(_ count: Int) throws(CameraError) -> [CameraShot] {
    try camera.take(count, timeout: .seconds(20))
  }

  /// The number in the file `name`, once there is one.
  func number(in name: String) throws -> Int32 {
    // Read once: a script that writes it anew empties it first.
    var number: Int32?
    _ = eventually {
      number = self.contents(name).flatMap { Int32($0) }
      return number != nil
    }
    return try #require(number, "the script did not write \(name)")
  }

  /// The text of the file `name` up to the first line's end.
  func contents(_ name: String) -> String? {
    let number = unsafe open(folder.path + "/" + name, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    defer { close(number) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = unsafe read(number, &bytes, bytes.count)
    return count < 0
      ? nil : String(decoding: bytes.prefix(count).prefix { $0 != 10 }, as: UTF8.self)
  }
}

extension StreamCameraSettings {
  /// For a camera that is expected to work: a machine that is busy must not make it fail.
  static let patient = StreamCameraSettings(
    firstFrameDeadline: .seconds(60), frameDeadline: .seconds(60), checkInterval: .seconds(60),
    restartPauses: .milliseconds(5) ... .milliseconds(50), endGrace: .milliseconds(300))
  /// For one that is expected to fail.
  static let impatient = StreamCameraSettings(
    mostFrameBytes: 1 << 16, firstFrameDeadline: .milliseconds(200),
    frameDeadline: .milliseconds(200), checkInterval: .milliseconds(100),
    restartPauses: .milliseconds(5) ... .milliseconds(50), endGrace: .milliseconds(300))
}

/// Whether `condition` becomes true within a time that only a broken program needs.
func eventually(_ condition: () -> Bool) -> Bool {
  let deadline = ContinuousClock.now + .seconds(20)
  while !condition() {
    if ContinuousClock.now > deadline { return false }
    usleep(2000)
  }
  return true
}

/// Whether the process `number` is gone, or only waits to be forgotten by the system's first process.
func isGone(_ number: Int32) -> Bool {
  let file = unsafe open("/proc/\(number)/stat", O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return true }
  defer { close(file) }
  var bytes = [UInt8](repeating: 0, count: 512)
  let count = unsafe read(file, &bytes, bytes.count)
  guard count > 0 else { return true }
  let text = String(decoding: bytes.prefix(count), as: UTF8.self)
  return text.split(separator: ")").last?.split(separator: " ").first == "Z"
}
