internal import CKernels
internal import Glibc
internal import Synchronization

/// What a team is to do, who has taken which part of it, and how much of it is done.
///
/// There is no place that all members write to: on two processors that do not share a cache each such write waits
/// for some hundred nanoseconds, and phases take microseconds. Each member has two marks of its own, each alone in
/// its cache lines: which parts of its share of a phase are not taken, which others look at only when their own share
/// is done; and how many parts it has done ever, the sum of which tells everyone by himself that a phase is done.
@safe
final class Agenda: @unchecked Sendable {
  /// How often one looks at what one waits for, awake, before others get the processor.
  static let patience = 4096
  /// Words from one mark to the next: two cache lines, because processors fetch pairs of them.
  private static let stride = 16

  private let work: any TeamWork
  private let partCounts: [Int]
  /// Parts of a run up to the end of each phase.
  private let ends: [UInt64]
  /// Parts of a run.
  private let total: UInt64
  /// Members of the team; set before the first `begin`.
  var memberCount = 1
  /// Runs begun.
  private let runs = Atomic<UInt64>(0)
  private let marks: UnsafeMutablePointer<Atomic<UInt64>>

  init(_ work: any TeamWork, mostMembers: Int) {
    self.work = work
    let counts = (0..<work.phaseCount).map(work.partCount)
    precondition(counts.allSatisfy { (1...Team.mostParts).contains($0) }, "parts \(counts)")
    partCounts = counts
    var sum: UInt64 = 0
    ends = counts.map { count in
      sum += UInt64(count)
      return sum
    }
    total = sum
    let words = 2 * mostMembers * Self.stride
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: words * MemoryLayout<UInt64>.stride, alignment: 128)
    unsafe marks = memory.bindMemory(to: Atomic<UInt64>.self, capacity: words)
    for word in 0..<words { unsafe (marks + word).initialize(to: Atomic(0)) }
  }

  deinit { unsafe marks.deallocate() }

  /// Begins anew with the first phase.
  func begin() { runs.add(1, ordering: .releasing) }

  /// Takes part after part until all phases that were begun are done.
  func work(as member: Int) {
    let run = runs.load(ordering: .acquiring)
    let before = (run - 1) * total
    for phase in partCounts.indices {
      let name = run * UInt64(partCounts.count) + UInt64(phase)
      let count = partCounts[phase]
      var other = 0
      while other < memberCount {
        // The own share, then those of the members that follow.
        let owner = (member + other) % memberCount
        guard let part = take(of: owner, name, count, fromEnd: other > 0) else {
          other += 1
          continue
        }
        work.run(phase, Share(index: part, count: count, member: member))
        // Nobody else writes it.
        let mine = unsafe done(member)
        unsafe mine.pointee.store(mine.pointee.load(ordering: .relaxed) + 1, ordering: .releasing)
      }
      // A helper has nothing to wait for at the end.
      if phase == partCounts.count - 1, member > 0 { return }
      wait(for: before + ends[phase])
      if member == 0 { work.didEnd(phase) }
    }
  }

  /// Takes a part of `owner`'s share of the phase called `name`, which has `count`: the next, or the last, to which its
  /// owner would come last. `nil` if none is left, or the phase is over.
  private func take(of owner: Int, _ name: UInt64, _ count: Int, fromEnd: Bool) -> Int? {
    let share = Share(index: owner, count: memberCount).of(count)
    let mark = unsafe left(owner)
    var seen = unsafe mark.pointee.load(ordering: .relaxed)
    while true {
      // The phase's name above the parts that are left; one that is older tells that nobody has taken any.
      if seen >> 16 > name { return nil }
      let isThis = seen >> 16 == name
      let first = isThis ? Int(seen >> 8 & 255) : share.lowerBound
      let end = isThis ? Int(seen & 255) : share.upperBound
      if first >= end { return nil }
      let part = fromEnd ? end - 1 : first
      let rest = fromEnd ? (first, end - 1) : (first + 1, end)
      let wanted = name << 16 | UInt64(rest.0) << 8 | UInt64(rest.1)
      let (isMine, now) = unsafe mark.pointee.compareExchange(
        expected: seen, desired: wanted, ordering: .relaxed)
      if isMine { return part }
      seen = now
    }
  }

  /// Waits until members have done `count` parts, in all runs together.
  private func wait(for count: UInt64) {
    var looks = 0
    while true {
      var sum: UInt64 = 0
      for member in 0..<memberCount {
        sum += unsafe done(member).pointee.load(ordering: .acquiring)
      }
      if sum >= count { return }
      looks += 1
      if looks < Self.patience { krn_pause() } else { sched_yield() }
    }
  }

  /// The mark of what is left of a member's share.
  @unsafe
  private func left(_ member: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    unsafe marks + 2 * member * Self.stride
  }

  /// The mark of how many parts a member has done.
  @unsafe
  private func done(_ member: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    unsafe marks + (2 * member + 1) * Self.stride
  }
}
