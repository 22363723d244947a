import Board
import Glibc
import Testing

@Suite struct FrameServerTests {
  /// A pipe whose ends close with it.
  final class TestPipe {
    let ends: (reading: Int32, writing: Int32)
    private var isOpen = true

    init() throws {
      var numbers: [Int32] = [0, 0]
      try #require(unsafe pipe(&numbers) == 0)
      ends = (numbers[0], numbers[1])
      for number in numbers { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
      close(ends.reading)
      endWriting()
    }

    func write(_ bytes: [UInt8]) {
      _ = unsafe Glibc.write(ends.writing, bytes, bytes.count)
    }

    func endWriting() {
      if isOpen { close(ends.writing) }
      isOpen = false
    }

    /// All that has been written, once nobody writes any more.
    func readAll() -> [UInt8] {
      endWriting()
      var (all, part) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
      while true {
        let count = unsafe read(ends.reading, &part, part.count)
        guard count > 0 else { return all }
        all += part.prefix(count)
      }
    }
  }

  /// Frames that are all there from the start; the request's input ends with them.
  final class FakeSource: FrameSource {
    enum Item {
      case frame(CameraFrame, UInt64?)
      case damaged
      case failure(CameraError)
    }
    let name = "fake"
    private let ready: TestPipe
    private let input: TestPipe?
    private var items: [Item]
    private(set) var read = 0

    init(_ items: [Item], ending input: TestPipe?) throws {
      (self.items, self.input) = (items, input)
      ready = try TestPipe()
      ready.write([1])
    }

    var readyDescriptor: Int32 { ready.ends.reading }

    func take(_ isWanted: (UInt64?) -> Bool) throws(CameraError) -> TakenFrame {
      guard !items.isEmpty else { return .none }
      let item = items.removeFirst()
      if items.isEmpty { input?.endWriting() }
      switch item {
      case .damaged: return .damaged
      case .failure(let error): throw error
      case .frame(let frame, let stamp):
        guard isWanted(stamp) else { return .unwanted }
        read += 1
        return .frame(frame)
      }
    }
  }

  static func jpeg(_ number: Int) -> CameraFrame {
    CameraFrame(format: .jpeg, width: 16, height: 16, bytes: FakePictures.jpeg(number))
  }

  /// The numbers of the pictures that are printed when `requests` stand on the input.
  static func served(
    _ items: [FakeSource.Item], requests: String, settling: Int = 0, mostDamaged: Int = 3
  ) throws -> [Int?] {
    let (input, output) = (try TestPipe(), try TestPipe())
    input.write(Array(requests.utf8))
    let source = try FakeSource(items, ending: input)
    let settings = FrameServerSettings(settlingFrames: settling, mostDamaged: mostDamaged)
    try Self.serve(source, settings, from: input, to: output)
    var splitter = FrameSplitter(mostFrameBytes: 1 << 20)
    let numbers = splitter.feed(output.readAll()).map(FakePictures.number)
    #expect(splitter.garbageByteCount == 0)
    #expect(source.read >= numbers.count)
    return numbers
  }

  /// Runs a server, which lets go of the pipes with its end.
  static func serve(
    _ source: FakeSource, _ settings: FrameServerSettings, from input: TestPipe? = nil,
    to output: TestPipe, count: Int? = nil
  ) throws {
    var server = FrameServer(
      source: source, settings: settings, input: input?.ends.reading ?? -1,
      output: output.ends.writing, count: count
    ) { frame in FakePictures.jpeg(100 + frame.width) }
    try server.run()
  }

  @Test("gives as many frames as are asked for, and only ones filled since")
  func fresh() throws {
    let frames = (0..<8).map {
      FakeSource.Item.frame(Self.jpeg($0), $0 < 3 ? 0 : UInt64.max)
    }
    #expect(try Self.served(frames, requests: "2\n") == [3, 4])
    #expect(try Self.served(frames, requests: "1\n2\n") == [3, 4, 5])
    #expect(try Self.served(frames, requests: "") == [])
    // A line without its end is not a request yet.
    #expect(try Self.served(frames, requests: "1\n2") == [3])
  }

  @Test("throws the first frames away until the camera has settled")
  func settles() throws {
    let frames = (0..<8).map { FakeSource.Item.frame(Self.jpeg($0), UInt64.max) }
    #expect(try Self.served(frames, requests: "2\n", settling: 5) == [5, 6])
  }

  @Test("passes over one frame of a driver that does not say when it was filled")
  func withoutTimes() throws {
    let frames = (0..<8).map { FakeSource.Item.frame(Self.jpeg($0), nil) }
    #expect(try Self.served(frames, requests: "2\n1\n") == [1, 2, 4])
  }

  @Test("passes over damaged frames, cuts off padding, and encodes what is no JPEG")
  func damagedAndRaw() throws {
    var torn = Self.jpeg(1)
    torn.bytes.removeLast(3)
    var padded = Self.jpeg(2)
    padded.bytes += [UInt8](repeating: 0, count: 100)
    let raw = CameraFrame(
      format: .yuyv(bytesPerRow: 8), width: 4, height: 2, bytes: [UInt8](repeating: 128, count: 16))
    var short = raw
    short.bytes.removeLast()
    let items: [FakeSource.Item] = [
      .frame(torn, .max), .damaged, .frame(padded, .max), .frame(short, .max), .frame(raw, .max),
      .frame(Self.jpeg(5), .max),
    ]
    #expect(try Self.served(items, requests: "3\n") == [2, 104, 5])
  }

  @Test("ends with the reason when the camera fails")
  func failures() throws {
    let gone = CameraError.deviceFailed(path: "fake", operation: "taking", reason: "No such device")
    #expect(throws: gone) { try Self.served([.failure(gone)], requests: "1\n") }
    #expect(throws: CameraError.onlyDamaged(path: "fake", frames: 3)) {
      try Self.served([.damaged, .damaged, .damaged, .damaged], requests: "1\n")
    }
  }

  @Test(
    "refuses requests that are no number",
    arguments: ["x", "0", "-1", "10001", "1 ", "99999999999999999999"])
  func badRequests(text: String) throws {
    let error = #expect(throws: CameraError.self) {
      try Self.served([.frame(Self.jpeg(0), 0)], requests: text + "\n")
    }
    guard case .badRequest(let found)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(text.hasPrefix(found))
  }

  @Test("ends when the camera gives nothing, and after a count without asking")
  func silenceAndCount() throws {
    let output = try TestPipe()
    let source = try FakeSource((0..<5).map { .frame(Self.jpeg($0), 0) }, ending: nil)
    try Self.serve(source, FrameServerSettings(settlingFrames: 1), to: output, count: 2)
    #expect(output.readAll() == FakePictures.jpeg(1) + FakePictures.jpeg(2))

    let other = try TestPipe()
    let silent = try FakeSource([], ending: nil)
    let settings = FrameServerSettings(silence: .milliseconds(20))
    #expect(throws: CameraError.silent(path: "fake", seconds: 0)) {
      try Self.serve(silent, settings, to: other, count: 1)
    }
  }
}
