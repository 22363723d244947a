import Tensors
import Testing

@testable import ActiveLearning

@Suite("A rate of questions")
struct AskRateTests {
  @Test("is read as it is written")
  func reads() throws {
    #expect(try AskRate("20/day") == AskRate(questions: 20, period: .day))
    #expect(try AskRate("5/hour").description == "5/hour")
    #expect(AskRate.Period.day.seconds == 24 * AskRate.Period.hour.seconds)
  }

  @Test(
    "says what is wrong and what to write",
    arguments: ["", "20", "20/", "/day", "20/week", "20/day/hour", "x/day", "2.5/day", "20 /day"])
  func badForm(text: String) {
    let error = #expect(throws: AskRateError.badForm(text)) { try AskRate(text) }
    #expect(error?.description.contains("20/day or 5/hour") == true)
  }

  @Test("is at least one question and no flood", arguments: [0, -3, 10_001])
  func outOfRange(questions: Int) {
    let error = #expect(throws: AskRateError.outOfRange(questions)) {
      try AskRate("\(questions)/day")
    }
    #expect(error?.description.contains("from 1 to 10000") == true)
  }
}

@Suite("The rate of arrivals")
struct ArrivalRateTests {
  @Test("is that of a steady stream, from the start")
  func steady() {
    var rate = ArrivalRate(memory: 1000, shortest: 60, now: 5)
    for second in stride(from: 10.0, through: 4000, by: 10) {
      rate.arrive(at: 5 + second)
      if second > 200 { #expect((0.095...0.107).contains(rate.perSecond(at: 5 + second))) }
    }
  }

  @Test("rises in a burst and falls in silence")
  func changes() {
    var rate = ArrivalRate(memory: 1000, shortest: 60, now: 0)
    rate.arrive(at: 0)
    #expect(rate.perSecond(at: 0) < 0.02, "one capture is no flood")
    for _ in 0..<50 { rate.arrive(at: 100) }
    let burst = rate.perSecond(at: 100)
    #expect(burst > 0.4 && rate.perSecond(at: 1000) < burst / 4)
    #expect(rate.perSecond(at: 1e7) == 0)
  }

  @Test("uses an exponential of its own that is right to the last digits")
  func exponential() {
    // Values of e^x to 17 digits.
    for (x, expected) in [
      (0.0, 1.0), (-1, 0.36787944117144233), (-0.25, 0.7788007830714049),
      (-10, 4.5399929762484854e-05), (-100, 3.720075976020836e-44),
    ] {
      #expect(abs(naturalExponential(x) - expected) <= 10 * expected.ulp)
    }
    #expect(naturalExponential(-1e6) == 0)
  }
}

@Suite("The age of questions")
struct QuestionAgesTests {
  private func moment(
    _ boot: Int64, _ monotonic: UInt64, _ wall: Int64 = 0, trusted: Bool = false
  ) -> DeviceMoment {
    DeviceMoment(
      boot: boot, monotonicNanoseconds: monotonic * 1_000_000_000, unixMilliseconds: wall * 1000,
      clockTrusted: trusted)
  }

  private func ages(_ moments: [DeviceMoment], now: DeviceMoment, started: UInt64) -> [Double] {
    ActiveLearning.ages(of: moments, now: now, started: started * 1_000_000_000)
  }

  @Test("comes from the monotonic clock within a boot, whatever the wall clock does")
  func sameBoot() {
    let now = moment(3, 1000, 50, trusted: true)
    let found = ages(
      [moment(3, 990, 9_999, trusted: true), moment(3, 400)], now: now, started: 100)
    #expect(found == [10, 600])
  }

  @Test("comes from trusted stamps across a restart")
  func trusted() {
    let now = moment(3, 1000, 100_000, trusted: true)
    let found = ages([moment(2, 7, 10_000, trusted: true)], now: now, started: 900)
    #expect(found == [90_000])
  }

  @Test("is never more than has passed when a clock was not trusted")
  func untrusted() {
    let earlier = [moment(2, 500, 70), moment(2, 100, 10), moment(1, 9000, 5), moment(1, 8000, 1)]
    let now = moment(3, 1000, 100_000, trusted: true)
    // 100 s of this boot; 400 s before that within the one before; 1,000 s within the first.
    #expect(ages(earlier, now: now, started: 900) == [100, 500, 500, 1500])
    #expect(ages(earlier, now: moment(3, 1000, 100_000), started: 900) == [100, 500, 500, 1500])
  }

  @Test("is 0 and not negative when clocks were set back")
  func setBack() {
    let now = moment(2, 10, 50, trusted: true)
    #expect(ages([moment(1, 5, 900, trusted: true)], now: now, started: 10) == [0])
  }
}

@Suite("A judge of a stream")
struct StreamJudgeTests {
  private static let day = 86_400.0

  /// What was asked in a simulated stream.
  private struct Outcome {
    var asked: [Double] = []
    var askedScores: [Double] = []
    var audits = 0
    var allScores: [Double] = []
    var perDay: [Int] = []

    func mean(_ scores: [Double]) -> Double {
      scores.reduce(0, +) / Double(max(1, scores.count))
    }

    /// The most questions that any period of `seconds` held.
    func most(in seconds: Double) -> Int {
      asked.indices.reduce(0) { most, last in
        max(most, asked[...last].count { asked[last] - $0 < seconds })
      }
    }
  }

  /// Runs `days` of captures, `perDay(t)` a day at second t, with scores of a skewed distribution whose
  /// scale changes every third day, as a fine-tune changes it.
  private func simulate(
    _ rate: AskRate, days: Int, seed: UInt64, auditShare: Double = 0,
    perDay: (Double) -> Double
  ) -> Outcome {
    var random = SeededRandom(seed: seed)
    var judge = StreamJudge(rate: rate, auditShare: auditShare, seed: seed, now: 0)
    var outcome = Outcome(perDay: [Int](repeating: 0, count: days))
    var (scale, latest): (Double, [Double]) = (1, [])
    var nextTune = 3 * Self.day
    let step = 60.0
    for tick in 0..<Int(Double(days) * Self.day / step) {
      let now = Double(tick) * step
      if now >= nextTune {
        nextTune += 3 * Self.day
        scale = scale > 1 ? 0.05 : 40
        judge.replaceScores(latest.map { $0 * scale })
      }
      guard random.unit() < perDay(now) * step / Self.day else { continue }
      let worth = random.unit() * random.unit()
      latest.append(worth)
      let ages = outcome.asked.suffix(rate.questions).reversed().map { now - $0 }
      outcome.allScores.append(worth)
      guard judge.judge(score: worth * scale, ages: ages, now: now).isAsked else { continue }
      outcome.asked.append(now)
      outcome.askedScores.append(worth)
      outcome.perDay[Int(now / Self.day)] += 1
      let audit = AuditRule(share: auditShare, seed: seed)
      if judge.allowance(ages: outcome.asked.map { now - $0 }) > 0,
        audit.questions(answered: outcome.asked.count, audited: outcome.audits, batch: 1) == 1
      {
        outcome.asked.append(now)
        outcome.audits += 1
      }
    }
    return outcome
  }

  /// Streams of the field: captures a day as a function of the second.
  private static let streams: [(name: String, perDay: @Sendable (Double) -> Double)] = [
    ("steady", { _ in 300 }),
    ("day and night", { $0.truncatingRemainder(dividingBy: 86_400) < 43_200 ? 600 : 0 }),
    ("weeks", { Int($0 / 86_400) % 7 < 5 ? 400 : 40 }),
    ("bursts", { Int($0 / 7200) % 11 == 0 ? 1200 : 100 }),
  ]

  @Test(
    "holds the budget on each of 30 days, uses most of it, and asks about the best",
    arguments: 0..<4)
  func month(index: Int) {
    let stream = Self.streams[index]
    let rate = AskRate(questions: 20, period: .day)
    let outcome = simulate(rate, days: 30, seed: 42 + UInt64(index), perDay: stream.perDay)
    #expect(outcome.most(in: Self.day) <= 20, "\(stream.name)")
    let mean = Double(outcome.perDay.dropFirst().reduce(0, +)) / 29
    #expect(mean >= 14, "\(stream.name): \(mean) of 20 a day")
    // Of a product of two uniform numbers the mean is ¼; one in ten is above 0.6.
    #expect(abs(outcome.mean(outcome.allScores) - 0.25) < 0.02)
    #expect(outcome.mean(outcome.askedScores) > 0.55, "\(stream.name)")
  }

  @Test("asks less when few captures come, and never more than the budget in any hour")
  func hours() {
    let rate = AskRate(questions: 3, period: .hour)
    let busy = simulate(rate, days: 2, seed: 5) { _ in 1000 }
    #expect(busy.most(in: 3600) == 3)
    #expect(busy.asked.count > 100 && busy.asked.count <= 147)
    let quiet = simulate(rate, days: 2, seed: 5) { _ in 30 }
    #expect(quiet.asked.count <= quiet.allScores.count && quiet.asked.count > 10)
  }

  @Test("shares the budget between the best and the audits", arguments: [0.1, 0.4])
  func audits(share: Double) {
    let rate = AskRate(questions: 20, period: .day)
    let outcome = simulate(rate, days: 15, seed: 9, auditShare: share) { _ in 300 }
    #expect(outcome.most(in: Self.day) <= 20)
    let found = Double(outcome.audits) / Double(outcome.asked.count)
    #expect(abs(found - share) < 0.02 && outcome.asked.count > 14 * 15)
  }

  @Test("lets nothing pass before it knows what is rare, and when the budget is used up")
  func refuses() {
    var judge = StreamJudge(
      rate: AskRate(questions: 2, period: .day), auditShare: 0, seed: 1, now: 0)
    for index in 0..<StreamJudge.fewestScores {
      let decision = judge.judge(score: Double(index), ages: [], now: Double(index))
      #expect(!decision.isAsked && decision.threshold == nil && decision.allowance == 2)
    }
    let used = judge.judge(score: 1e6, ages: [5, 60], now: 500)
    #expect(!used.isAsked && used.allowance == 0)
    let over = judge.judge(score: 1e6, ages: [5, 60, 70], now: 600)
    #expect(!over.isAsked && over.allowance == 0)
    let free = judge.judge(score: 1e6, ages: [90_000, 90_001], now: 90_000)
    #expect(free.isAsked && free.allowance == 2)
    #expect(!judge.judge(score: .nan, ages: [], now: 90_001).isAsked)
  }

  @Test("passes equal scores in proportion, and the same stream the same way")
  func ties() {
    func run() -> [Bool] {
      var judge = StreamJudge(
        rate: AskRate(questions: 1000, period: .day), auditShare: 0, seed: 3, now: 0)
      judge.replaceScores([Double](repeating: 0.5, count: 500))
      return (0..<600).map {
        judge.judge(score: 0.5, ages: [], now: Double($0) * 20).isAsked
      }
    }
    let asked = run()
    // 4,320 a day arrive, 1,000 may pass in each quarter of a day since nothing counts as asked.
    #expect((0.8...1).contains(Double(asked.count { $0 }) / 600))
    #expect(run() == asked)
  }
}
