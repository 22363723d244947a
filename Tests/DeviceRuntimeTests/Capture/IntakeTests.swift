import DeviceRuntime
import SampleStore
import Testing

@Suite("Bursts that wait")
struct IntakeTests {
  private func burst(_ number: Int64) -> Intake.Waiting {
    Intake.Waiting(
      entry: SpoolFolder.Entry(
        number: number, trigger: "button", paths: ["\(number).jpg"], byteCount: 1),
      trigger: .button)
  }

  @Test("come out in the order in which they came")
  func order() {
    let intake = Intake(limit: 3)
    for number in 1...3 { intake.add(burst(Int64(number))) }
    #expect(intake.isFull)
    #expect((1...3).map { _ in intake.next()?.entry.number } == [1, 2, 3])
    #expect(intake.next() == nil)
    #expect(intake.takeDropped().isEmpty)
  }

  @Test("make room: the oldest that a glance was sure of, else the oldest; each is told once")
  func room() {
    let intake = Intake(limit: 3)
    for number in 1...3 { intake.add(burst(Int64(number))) }
    intake.note(confidence: 0.5, of: 1)
    intake.note(confidence: 0.99, of: 2)
    intake.note(confidence: 0.95, of: 3)
    intake.note(confidence: 0.95, of: 77)
    intake.add(burst(4))
    intake.add(burst(5))
    intake.add(burst(6))
    #expect(intake.count == 3)
    #expect(intake.takeDropped().map(\.entry.number) == [2, 3, 1])
    #expect(intake.takeDropped().isEmpty)
    #expect((1...3).map { _ in intake.next()?.entry.number } == [4, 5, 6])
  }

  @Test("ask for a glance when half the places are taken, at those nobody has seen")
  func glances() {
    let intake = Intake(limit: 4)
    for number in 1...2 { intake.add(burst(Int64(number))) }
    #expect(!intake.isCrowded)
    intake.add(burst(3))
    #expect(intake.isCrowded)
    intake.note(confidence: 0, of: 1)
    #expect(intake.nextUnseen()?.entry.number == 2)
    #expect(intake.count == 3)
  }
}

@Suite("The times of a burst's stages")
struct StageLogTests {
  @Test("are told from one stage to the next, from the latest bursts")
  func figures() throws {
    var log = StageLog()
    #expect(log.figures(.total) == nil)
    for index in 0..<(StageLog.capacity + 100) {
      let start = UInt64(index) * 1_000_000_000
      log.add(
        StageTimes(
          triggered: start, taken: start + 10_000_000, begun: start + 11_000_000,
          judged: start + UInt64(index) * 1_000_000 + 11_000_000,
          kept: start + 500_000_000, asked: index.isMultiple(of: 2) ? start + 501_000_000 : nil,
          flagged: index.isMultiple(of: 2) ? start + 502_000_000 : nil))
    }
    #expect(log.latest.count == StageLog.capacity)
    let judge = try #require(log.figures(.judge))
    #expect(judge.count == StageLog.capacity && judge.median == 200 && judge.largest == 299)
    #expect(log.figures(.take)?.median == 10)
    #expect(log.figures(.total)?.largest == 502)
    #expect(log.figures(.flag)?.count == StageLog.capacity / 2)
  }
}
