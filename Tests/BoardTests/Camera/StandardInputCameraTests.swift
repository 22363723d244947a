import Board
import Glibc
import Testing

@Suite struct StandardInputCameraTests {
  @Test("gives each picture once, in order, then says that there are no more")
  func inOrder() throws {
    let pipe = try FrameServerTests.TestPipe()
    let camera = StandardInputCamera(number: pipe.ends.reading)
    #expect(try camera.next(timeout: .zero) == nil)
    pipe.write(
      [1, 2, 3] + FakePictures.jpeg(0) + FakePictures.jpeg(1) + FakePictures.jpeg(2).dropLast(9))
    #expect(try camera.next(timeout: .seconds(60))?.bytes == FakePictures.jpeg(0))
    #expect(try camera.next(timeout: .seconds(60))?.bytes == FakePictures.jpeg(1))
    #expect(try camera.next(timeout: .milliseconds(1)) == nil)
    #expect(camera.health.state == .working && camera.health.frames == 2)
    pipe.write(FakePictures.jpeg(2).suffix(9) + FakePictures.jpeg(3).prefix(20))
    pipe.endWriting()
    #expect(try camera.next(timeout: .seconds(60))?.bytes == FakePictures.jpeg(2))
    for _ in 0..<2 {
      #expect(throws: CameraError.ended(address: "stdin")) {
        try camera.next(timeout: .seconds(60))
      }
    }
    #expect(camera.health.state == .stopped && camera.health.garbageByteCount == 23)
  }

  @Test("leaves what is not asked for in the pipe, and loses nothing")
  func backPressure() throws {
    let pipe = try FrameServerTests.TestPipe()
    let camera = StandardInputCamera(number: pipe.ends.reading)
    let writing = dup(pipe.ends.writing)
    pipe.endWriting()
    let count = 40
    let writer = Background {
      for number in 0..<count {
        var rest = FakePictures.jpeg(number, dataByteCount: 20_000)[...]
        while !rest.isEmpty {
          let written = unsafe rest.withUnsafeBytes {
            unsafe write(writing, $0.baseAddress, $0.count)
          }
          rest = rest.dropFirst(max(0, written))
        }
      }
      close(writing)
    }
    for number in 0..<count {
      let shot = try camera.next(timeout: .seconds(60))
      #expect(shot.flatMap { FakePictures.number(in: $0.bytes) } == number)
    }
    _ = try writer.value()
    #expect(throws: CameraError.ended(address: "stdin")) { try camera.next(timeout: .seconds(60)) }
  }
}
