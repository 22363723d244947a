import Testing

@testable import Board

@Suite("A bell between threads")
struct DoorbellTests {
  @Test("however often it was rung, it is heard once; it wakes who waits on another thread")
  func rings() throws {
    let bell = try Doorbell()
    #expect(!bell.wait(until: .now))
    for _ in 0..<3 { bell.ring() }
    #expect(bell.wait(until: .now))
    #expect(!bell.wait(until: .now))
    bell.ring()
    bell.hear()
    #expect(!bell.wait(until: .now))
    let waiting = Background { bell.wait(until: .now + .seconds(60)) }
    bell.ring()
    #expect(try waiting.value() == true)
  }
}
