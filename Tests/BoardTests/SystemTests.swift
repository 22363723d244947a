import Board
import Glibc
import Testing

@Suite struct ClockTests {
  @Test("believes a synchronised clock that shows a possible time, and no other")
  func trust() {
    let first = SystemClock.earliestCredible
    #expect(SystemClock.isTrusted(unixMilliseconds: first, synchronised: true))
    #expect(!SystemClock.isTrusted(unixMilliseconds: first, synchronised: false))
    #expect(!SystemClock.isTrusted(unixMilliseconds: first - 1, synchronised: true))
    #expect(!SystemClock.isTrusted(unixMilliseconds: 0, synchronised: true))
  }

  @Test("counts nanoseconds forward and knows the time of day")
  func system() {
    let clock = SystemClock()
    let before = clock.monotonicNanoseconds
    usleep(2000)
    let passed = clock.monotonicNanoseconds - before
    #expect(passed >= 2_000_000 && passed < 5_000_000_000)
    #expect(abs(clock.wall.unixMilliseconds / 1000 - Int64(time(nil))) <= 1)
  }

  @Test("moves only when a test moves it")
  func manual() {
    let clock = ManualClock(
      monotonicNanoseconds: 5, wall: WallTime(unixMilliseconds: 1000, trusted: false))
    clock.advance(by: .milliseconds(2500))
    #expect(clock.monotonicNanoseconds == 2_500_000_005)
    #expect(clock.wall == WallTime(unixMilliseconds: 3500, trusted: false))
    clock.setWall(WallTime(unixMilliseconds: 7, trusted: true))
    #expect(clock.wall == WallTime(unixMilliseconds: 7, trusted: true))
    #expect(clock.monotonicNanoseconds == 2_500_000_005)
  }
}

@Suite struct ProcessMemoryTests {
  @Test("sees memory that this process takes")
  func current() throws {
    let before = try #require(ProcessMemory.current())
    #expect(before.peakByteCount >= before.residentByteCount / 2)
    #expect(before.residentByteCount > 1 << 20)
    let size = 64 << 20
    let block = [UInt8](repeating: 1, count: size)
    let during = try #require(ProcessMemory.current())
    #expect(during.peakByteCount >= size)
    #expect(block[size - 1] == 1)
  }

  @Test("lets go of code that is not used, and the program goes on")
  func idle() throws {
    let before = try residentCode()
    ProcessMemory.releaseIdle()
    let after = try residentCode()
    // Other tests run meanwhile and bring back what they use.
    #expect(before > 1 << 20)
    #expect(after < before)
    #expect(ProcessMemory.current() != nil)
  }

  /// Resident bytes of executable mappings of this process.
  private func residentCode() throws -> Int {
    let file = unsafe open("/proc/self/smaps", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    var (bytes, piece) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
    while true {
      let count = unsafe read(file, &piece, piece.count)
      guard count > 0 else { break }
      bytes += piece.prefix(count)
    }
    var (total, isCode) = (0, false)
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let words = line.split(separator: UInt8(ascii: " ")).map {
        String(decoding: $0, as: UTF8.self)
      }
      if words.count > 1, words[0].contains("-"), words[1].count == 4 {
        isCode = words[1] == "r-xp"
      }
      if isCode, words.count == 3, words[0] == "Rss:" { total += 1024 * (Int(words[1]) ?? 0) }
    }
    return total
  }

  @Test("reads another process, and none where there is none")
  func other() throws {
    #expect(ProcessMemory.of(process: getppid()) != nil)
    #expect(ProcessMemory.of(process: Int32.max) == nil)
  }

  @Test("takes kilobytes from the two lines it needs")
  func parses() {
    let memory = ProcessMemory(status: "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n")
    #expect(memory?.peakByteCount == 2 << 20)
    #expect(memory?.residentByteCount == 1 << 20)
  }

  @Test(
    "gives nothing for a text it cannot trust",
    arguments: [
      "", "VmHWM: 1 kB", "VmRSS: 1 kB", "VmHWM: x kB\nVmRSS: 1 kB", "VmHWM: -1 kB\nVmRSS: 1 kB",
      "VmHWM: 1 MB\nVmRSS: 1 MB", "VmHWM: 9223372036854775807 kB\nVmRSS: 1 kB",
    ])
  func refuses(text: String) { #expect(ProcessMemory(status: text) == nil) }
}
