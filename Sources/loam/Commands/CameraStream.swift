import ArgumentParser
import Board
import Glibc
import Imaging

/// `loam camera`: reads one camera in a process of its own; `loam run` starts it.
struct CameraStream: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "camera",
    abstract: "Print photos of a camera on standard output, one JPEG after the other.",
    discussion: """
      A line with a number on standard input asks for that many photos, all taken after it; the end of \
      the input ends it. By hand: loam camera v4l2:/dev/video0 --count 3 > photos.mjpeg
      """,
    shouldDisplay: false)

  @Argument(help: "The camera: v4l2:/dev/v4l/by-id/… or exec:COMMAND.")
  var address: String

  @Option(help: "Pixels across; the camera gives the nearest it has.")
  var width = 1280

  @Option(help: "Pixels down.")
  var height = 720

  @Option(help: "Frames a second; as the camera likes if absent.")
  var rate: Int?

  @Option(help: "Print this many photos without being asked, then end.")
  var count: Int?

  @Option(help: "First frames to throw away, while the exposure settles.")
  var settle = 5

  func validate() throws {
    for (name, value, most) in [
      ("--width", width, 16384), ("--height", height, 16384), ("--rate", rate ?? 1, 1000),
      ("--count", count ?? 1, FrameServer.mostAtOnce), ("--settle", settle + 1, 1001),
    ] where !(1...most).contains(value) {
      throw ValidationError("\(name) is \(value); give a number from 1 to \(most)")
    }
  }

  func run() throws {
    let source = try CameraAddress(address)
    if case .device(let path) = source { return try serve(path) }
    let settings = StreamCameraSettings(mostInBurst: FrameServer.mostAtOnce)
    let camera = try StreamCamera(source, settings: settings)
    defer { camera.stop() }
    guard let count else {
      throw CommandFailure("photos of '\(source)' are printed by their number: give --count")
    }
    for _ in 0..<count {
      for shot in try camera.take(1, timeout: .seconds(60)) { try printPhoto(shot.bytes) }
    }
  }

  private func serve(_ path: String) throws {
    let camera = try DeviceCamera(
      path: path, width: width, height: height, framesPerSecond: rate)
    if count != nil { say(camera.summary) }
    var server = FrameServer(
      source: camera, settings: FrameServerSettings(settlingFrames: settle), count: count
    ) { frame in
      try encodeJPEG(width: frame.width, height: frame.height) { y, row in
        frame.writeRGBRow(y, into: &row)
      }
    }
    try server.run()
  }

  private func printPhoto(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes { bytes in
        unsafe write(STDOUT_FILENO, bytes.baseAddress, bytes.count)
      }
      if written < 0, errno != EINTR {
        throw CommandFailure("standard output takes no more; send it to a file with > photos.mjpeg")
      }
      rest = rest.dropFirst(max(0, written))
    }
  }
}
