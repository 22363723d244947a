import Board
import Glibc
import Testing

@Suite struct StreamCameraTests {
  /// A command that goes on printing pictures 0 to 9.
  static let streaming = """
    while :; do for i in 0 1 2 3 4 5 6 7 8 9; do cat $i.jpg; sleep 0.01; done; done
    """
  /// A helper that prints pictures 0 to 9 in turn when it is asked, and notes how many there were.
  static let asked = """
    total=0
    while read count; do
      while [ $count -gt 0 ]; do
        cat $((total % 10)).jpg; count=$((count - 1)); total=$((total + 1)); echo $total > total
      done
    done
    """
  static let device = CameraAddress.device("/dev/v4l/by-id/fake")

  static func numbers(_ shots: [CameraShot]) -> [Int?] {
    shots.map { FakePictures.number(in: $0.bytes) }
  }

  @Test("takes a burst of pictures that follow each other from a command that streams")
  func streams() throws {
    let fake = try FakeCamera(Self.streaming)
    let camera = fake.camera
    let before = SystemClock().monotonicNanoseconds
    let shots = try camera.take(4, timeout: .seconds(20))
    let numbers = Self.numbers(shots).compactMap { $0 }
    try #require(numbers.count == 4)
    #expect(numbers == (0..<4).map { (numbers[0] + $0) % 10 })
    #expect(shots.allSatisfy { FrameSplitter.isOnePicture($0.bytes) })
    let times = shots.map(\.monotonicNanoseconds)
    #expect(times == times.sorted() && times[0] >= before)
    #expect(eventually { camera.latest() != nil })
    let health = camera.health
    #expect(health.state == .working && health.frames >= 4 && health.restarts == 0)
    #expect(health.garbageByteCount == 0)
    camera.stop()
    #expect(camera.health.state == .stopped && camera.latest() == nil)
    #expect(throws: CameraError.ended(address: camera.address.description)) {
      try camera.take(1, timeout: .seconds(20))
    }
  }

  @Test("runs a command that takes one photo for each photo that is wanted")
  func oneShot() throws {
    let fake = try FakeCamera(
      """
      n=$(cat runs 2>/dev/null || echo 0); cat $n.jpg; echo $((n + 1)) > runs.new; mv runs.new runs
      """)
    let camera = fake.camera
    #expect(eventually { fake.contents("runs") == "1" && camera.health.frames == 1 })
    #expect(Self.numbers(try camera.take(3, timeout: .seconds(20))) == [1, 2, 3])
    #expect(Self.numbers(try camera.take(1, timeout: .seconds(20))) == [4])
    #expect(eventually { fake.contents("runs") == "5" })
    #expect(camera.health.state == .working && camera.health.restarts == 0)
    // Looking at the newest photo asks for the next one.
    #expect(camera.latest().map { Self.numbers([$0]) } == [4])
    #expect(eventually { camera.health.frames == 6 })
    #expect(Self.numbers(try camera.take(1, timeout: .seconds(20))) == [6])
  }

  @Test("asks a device's reader for as many photos as are wanted, and none that are older")
  func asks() throws {
    let fake = try FakeCamera(Self.asked, at: Self.device)
    let camera = fake.camera
    // One is asked for at the start, to see that the camera works.
    #expect(eventually { camera.health.state == .working })
    #expect(Self.numbers(try camera.take(3, timeout: .seconds(20))) == [1, 2, 3])
    #expect(camera.latest().map { Self.numbers([$0]) } == [3])
    #expect(eventually { camera.health.frames == 5 })
    let (first, second) = (
      Background { try camera.take(2, timeout: .seconds(20)) },
      Background { try camera.take(3, timeout: .seconds(20)) }
    )
    #expect(try first.value()?.count == 2 && second.value()?.count == 3)
    #expect(try fake.number(in: "total") <= 10)
    #expect(camera.health.restarts == 0)
  }

  @Test("gives at most as many as one burst may have")
  func bounded() throws {
    var settings = StreamCameraSettings.patient
    settings.mostInBurst = 2
    let fake = try FakeCamera(Self.asked, settings, at: Self.device)
    #expect(try fake.take(Int.max).count == 2)
    #expect(try fake.take(Int.min).count == 1)
  }

  @Test("ends a burst before it takes more bytes than it may, but gives one photo at least")
  func boundedBytes() throws {
    var settings = StreamCameraSettings.patient
    let size = FakePictures.jpeg(0).count
    settings.mostBurstBytes = 3 * size
    let fake = try FakeCamera(Self.streaming, settings)
    #expect(try fake.take(9).count == 3)
    settings.mostBurstBytes = size - 1
    let other = try FakeCamera(Self.streaming, settings)
    #expect(try other.take(2).count == 1)
  }

  @Test("notices by itself that a device's reader hangs, and works again when it does")
  func wedgedWhileIdle() throws {
    let fake = try FakeCamera(
      "if [ -e wedged ]; then sleep 1000; fi\n"
        + "while read count; do [ -e wedged ] && sleep 1000; cat 1.jpg; done",
      .impatient, at: Self.device)
    let camera = fake.camera
    #expect(eventually { camera.health.state == .working })
    try fake.folder.write("wedged")
    #expect(eventually { camera.health.failure?.contains("gave nothing") == true })
    #expect(eventually { camera.health.restarts >= 2 })
    TemporaryFolder.remove(fake.folder.path + "/wedged")
    #expect(eventually { camera.health.state == .working })
  }

  @Test("says why while a camera is unplugged, and goes on when it is back")
  func unplugged() throws {
    let fake = try FakeCamera(
      """
      lost() { echo 'No such device' >&2; echo >&2; exit 1; }
      while [ -e plugged ] && read count; do
        while [ $count -gt 0 ]; do
          [ -e plugged ] || lost
          cat 3.jpg; count=$((count - 1))
        done
      done
      [ -e plugged ] || lost
      """, at: Self.device, prepare: { try $0.write("plugged") })
    let camera = fake.camera
    #expect(try camera.take(2, timeout: .seconds(20)).count == 2)
    TemporaryFolder.remove(fake.folder.path + "/plugged")
    let error = #expect(throws: CameraError.self) {
      // The first one may still be given by what was read before the plug was pulled.
      for _ in 0..<3 { _ = try camera.take(1, timeout: .seconds(20)) }
    }
    #expect(error?.description.contains("No such device") == true)
    #expect(error?.description.contains("status 1") == true)
    #expect(camera.health.failure?.contains("tried again") == true && camera.latest() == nil)
    try fake.folder.write("plugged")
    #expect(eventually { (try? camera.take(1, timeout: .seconds(20)).count) == 1 })
    #expect(camera.health.state == .working && camera.health.restarts >= 1)
  }

  @Test("gives the part of a burst that came before the camera failed")
  func partialBurst() throws {
    var settings = StreamCameraSettings.patient
    settings.restartPauses = .seconds(60) ... .seconds(60)
    let fake = try FakeCamera(
      """
      read count; cat 0.jpg
      read count; cat 1.jpg 2.jpg; head -c 30 3.jpg; echo 'cable pulled' >&2; exit 7
      """, settings, at: Self.device)
    let camera = fake.camera
    #expect(eventually { camera.health.state == .working })
    #expect(Self.numbers(try camera.take(5, timeout: .seconds(20))) == [1, 2])
    let health = camera.health
    #expect(health.failure?.contains("status 7 after 3 photos") == true)
    #expect(health.failure?.contains("cable pulled") == true)
    #expect(health.garbageByteCount == 30)
  }

  @Test(
    "ends what gives no photo, says why, and tries again",
    arguments: [
      ("sleep 1000", "gave nothing"), ("cat 1.jpg; sleep 1000", "gave nothing"),
      ("head -c 40 1.jpg; sleep 1000", "among 40 bytes"),
      ("cat /dev/urandom", "no JPEG"), ("yes", "no JPEG"), ("exit 0", "status 0 after 0 photos"),
      ("head -c 200 1.jpg; cat /dev/zero", "more than 65536 bytes"), ("kill -9 $$", "signal 9"),
      ("exec >&-; sleep 1000", "signal 15"), ("echo '\u{1B}[31mred\u{7}' >&2; exit 3", "'[31mred'"),
      ("yes 'much to say' >&2", "much to say"),
    ])
  func fails(lines: String, reason: String) throws {
    let fake = try FakeCamera(lines, .impatient)
    #expect(
      eventually { fake.health.failure?.contains(reason) == true },
      "\(fake.health)")
    #expect(eventually { fake.health.restarts >= 3 })
  }

  @Test("says at once that a command is not there, and tries it when it is wanted")
  func missingCommand() throws {
    var settings = StreamCameraSettings.patient
    settings.restartPauses = .milliseconds(1) ... .seconds(3600)
    let camera = try StreamCamera(.command(["loam-no-such-command", "x"]), settings: settings)
    let error = #expect(throws: CameraError.self) { try camera.take(1, timeout: .seconds(20)) }
    #expect(
      error?.description.contains("loam-no-such-command' cannot be run: No such file") == true)
    let restarts = camera.health.restarts
    #expect(throws: CameraError.self) { try camera.take(1, timeout: .seconds(20)) }
    #expect(camera.health.restarts > restarts)
  }

  @Test("gives up waiting at its timeout")
  func timesOut() throws {
    let fake = try FakeCamera("sleep 1000")
    let camera = fake.camera
    let error = #expect(throws: CameraError.self) { try camera.take(1, timeout: .milliseconds(20)) }
    #expect(error?.description.contains("0.02 seconds") == true)
  }

  @Test("ends a command with everything it has started, though it does not want to end")
  func stubborn() throws {
    let fake = try FakeCamera(
      "trap '' TERM\nsleep 1000 &\necho $! > other.new; mv other.new other\n" + Self.streaming)
    let camera = fake.camera
    let numbers = [try fake.number(in: "pid"), try fake.number(in: "other")]
    #expect(numbers.allSatisfy { !isGone($0) })
    camera.stop()
    #expect(eventually { numbers.allSatisfy(isGone) })
    // This program's own child is forgotten by the system as well.
    #expect(kill(numbers[0], 0) == -1 && errno == ESRCH)
    camera.stop()
  }

  @Test("ends its command when nobody has the camera any more")
  func letGo() throws {
    let fake = try FakeCamera(Self.streaming)
    let words = ["sh", fake.folder.path + "/camera.sh"]
    fake.camera.stop()
    TemporaryFolder.remove(fake.folder.path + "/pid")
    var camera: StreamCamera? = try StreamCamera(.command(words))
    let number = try fake.number(in: "pid")
    #expect(!isGone(number))
    camera = nil
    #expect(isGone(number) && camera == nil)
  }

  @Test("wakes those who wait when it is stopped")
  func stopsWaiting() throws {
    let fake = try FakeCamera("sleep 1000")
    let camera = fake.camera
    let waiting = Background { try camera.take(1, timeout: .seconds(600)) }
    #expect(eventually { camera.health.state == .starting })
    camera.stop()
    #expect(throws: CameraError.ended(address: camera.address.description)) {
      try waiting.value()
    }
  }

  @Test(
    "hands its command no descriptor but the standard ones, and no blocked signal",
    arguments: [
      // The folder that it lists is its number 3.
      ("exec ls -m /proc/self/fd >&2", "'0, 1, 2, 3'"),
      ("exec sed -n 's/^SigBlk:[[:space:]]*//p' /proc/self/status >&2", "'0000000000000000'"),
      ("exec readlink /proc/self/fd/0 >&2", "'/dev/null'"),
    ])
  func cleanChild(lines: String, said: String) throws {
    let fake = try FakeCamera(lines)
    #expect(eventually { fake.health.failure != nil })
    #expect(fake.health.failure?.contains(said) == true, "\(fake.health)")
  }

  @Test("is made only of addresses that stream")
  func refuses() {
    for address in [CameraAddress.folder("/photos"), .standardInput] {
      #expect(throws: CameraError.notAStream(address: address.description)) {
        try StreamCamera(address)
      }
    }
  }
}
