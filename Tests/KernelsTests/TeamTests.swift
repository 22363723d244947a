import Glibc
import Kernels
import Synchronization
import Testing

/// Work that keeps a record of what was done.
private final class Ledger: TeamWork, @unchecked Sendable {
  let phaseCount: Int
  private let sharedParts: Int
  /// Every third phase is for one alone.
  func partCount(_ index: Int) -> Int { index % 3 != 2 ? sharedParts : 1 }
  /// By phase, a bit for each part done.
  private var parts: [UInt64]
  private let lock = Mutex(())
  private(set) var mistakes: [String] = []
  private var ended = 0
  var dawdle: @Sendable (_ phase: Int, _ part: Share) -> Void = { _, _ in }

  init(phaseCount: Int, parts: Int = 4) {
    self.phaseCount = phaseCount
    sharedParts = parts
    self.parts = Array(repeating: 0, count: phaseCount)
  }

  func run(_ index: Int, _ part: Share) {
    dawdle(index, part)
    lock.withLock { _ in
      if index > 0, parts[index - 1] != (1 << UInt64(partCount(index - 1))) - 1 {
        mistakes.append("phase \(index) before the end of the one before it")
      }
      if parts[index] & (1 << UInt64(part.index)) != 0 {
        mistakes.append("part \(part.index) of phase \(index) twice")
      }
      parts[index] |= 1 << UInt64(part.index)
      if part.count != partCount(index) { mistakes.append("phase \(index) in \(part.count) parts") }
    }
  }

  func didEnd(_ index: Int) {
    lock.withLock { _ in
      if index != ended { mistakes.append("end of phase \(index) after that of \(ended)") }
      if parts[index] != (1 << UInt64(partCount(index))) - 1 {
        mistakes.append("end of phase \(index) before its parts")
      }
      ended += 1
    }
  }

  /// What was done since the last time, by phase.
  func take() -> [UInt64] {
    defer {
      parts = Array(repeating: 0, count: phaseCount)
      ended = 0
    }
    return parts
  }
}

@Suite("Team")
struct TeamTests {
  @Test(
    "does every part of every phase once, in order", arguments: [1, 2, 3, 7, 16],
    [1, 2, 5, Team.mostParts])
  func once(count: Int, parts: Int) {
    let ledger = Ledger(phaseCount: 20, parts: parts)
    let team = Team(count: count, ledger)
    #expect(team.count == count)
    let expected = (0..<20).map { index -> UInt64 in
      (1 << UInt64(ledger.partCount(index))) - 1
    }
    for _ in 0..<200 {
      team.run()
      #expect(ledger.take() == expected)
    }
    #expect(ledger.mistakes == [])
  }

  @Test("lets whoever is free take the parts of those that are held up")
  func heldUp() {
    let ledger = Ledger(phaseCount: 6)
    let caller = pthread_self()
    let held = Atomic<Int>(0)
    let free = Atomic<Int>(0)
    // A helper keeps the first part it takes until all that nobody keeps is done.
    ledger.dawdle = { phase, _ in
      guard phase == 0, pthread_equal(pthread_self(), caller) == 0 else {
        if phase == 0 { free.add(1, ordering: .sequentiallyConsistent) }
        return
      }
      held.add(1, ordering: .sequentiallyConsistent)
      while held.load(ordering: .sequentiallyConsistent)
        + free.load(ordering: .sequentiallyConsistent) < 4
      { sched_yield() }
    }
    let team = Team(count: 4, ledger)
    team.run()
    #expect(ledger.mistakes == [])
    #expect(ledger.take() == [15, 15, 1, 15, 15, 1])
  }

  @Test("has helpers that work, awake and after sleep")
  func helpersWork() throws {
    let ledger = Ledger(phaseCount: 1)
    let caller = pthread_self()
    let isHeld = Atomic<Bool>(false)
    // The caller keeps its first part until a helper holds one.
    ledger.dawdle = { phase, _ in
      guard pthread_equal(pthread_self(), caller) != 0 else {
        isHeld.store(true, ordering: .sequentiallyConsistent)
        return
      }
      let end = ContinuousClock.now + .seconds(10)
      while !isHeld.load(ordering: .sequentiallyConsistent) {
        guard ContinuousClock.now < end else {
          Issue.record("no helper took a part of phase \(phase) within 10 s")
          isHeld.store(true, ordering: .sequentiallyConsistent)
          return
        }
        sched_yield()
      }
    }
    let team = Team(count: 4, ledger)
    try #require(team.count == 4, "the system gives no threads")
    for pause in [0, 0, 100_000] as [UInt32] {
      // Helpers stay awake for some tens of microseconds.
      usleep(pause)
      isHeld.store(false, ordering: .sequentiallyConsistent)
      team.run()
      #expect(ledger.take() == [15])
    }
    #expect(ledger.mistakes == [])
  }

  @Test("wakes from sleep, ends at once, and does work of no phases")
  func sleep() throws {
    let ledger = Ledger(phaseCount: 5)
    do {
      let team = Team(count: 2, ledger)
      for _ in 0..<5 {
        usleep(20_000)
        team.run()
        _ = ledger.take()
      }
    }
    #expect(ledger.mistakes == [])
    let nothing = Ledger(phaseCount: 0)
    let team = Team(count: 4, nothing)
    for _ in 0..<10 { team.run() }
    #expect(nothing.mistakes == [])
  }

  @Test("passes what one phase wrote to all members in the next")
  func visible() {
    let work = Sums()
    let team = Team(count: 4, work)
    for _ in 0..<300 {
      work.start()
      team.run()
      #expect(work.isRight)
    }
  }

  @Test("a share's parts follow one another and make the whole")
  func shares() {
    for (count, grain) in [(0, 1), (1, 1), (7, 1), (100, 6), (64, 64), (65, 64), (1000, 7)] {
      for members in 1...9 {
        var next = 0
        for index in 0..<members {
          let part = Share(index: index, count: members).of(count, grain: grain)
          #expect(part.lowerBound == next && (part.lowerBound % grain == 0 || part.isEmpty))
          next = part.upperBound
        }
        #expect(next == count)
      }
    }
  }
}

/// Phases in which each element becomes the sum of its neighbours', from one row to another.
@safe
private final class Sums: TeamWork, @unchecked Sendable {
  private static let width = 97
  let phaseCount = 30
  private let cells: UnsafeMutablePointer<Int>
  private var expected: [Int] = []

  init() {
    unsafe cells = .allocate(capacity: 31 * Self.width)
    unsafe cells.initialize(repeating: 0, count: 31 * Self.width)
  }

  deinit { unsafe cells.deallocate() }

  func start() {
    unsafe cells.update(repeating: 0, count: (phaseCount + 1) * Self.width)
    for column in 0..<Self.width { unsafe cells[column] = column * column % 11 }
    var row = (0..<Self.width).map { unsafe cells[$0] }
    for _ in 0..<phaseCount {
      row = row.indices.map { Self.sum(row[Self.right($0)], row[Self.left($0)]) }
    }
    expected = row
  }

  private static func left(_ column: Int) -> Int { (column + width - 1) % width }
  private static func right(_ column: Int) -> Int { (column + 1) % width }
  private static func sum(_ x: Int, _ y: Int) -> Int { (x + 3 * y) % 1009 }

  var isRight: Bool {
    expected.indices.allSatisfy { unsafe cells[phaseCount * Self.width + $0] == expected[$0] }
  }

  func partCount(_ index: Int) -> Int { 7 }
  func didEnd(_ index: Int) {}

  func run(_ index: Int, _ part: Share) {
    let from = unsafe cells + index * Self.width
    for column in part.of(Self.width) {
      unsafe from[Self.width + column] = Self.sum(from[Self.right(column)], from[Self.left(column)])
    }
  }
}
