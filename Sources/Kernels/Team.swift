internal import CKernels
internal import Glibc
internal import Synchronization

/// Work of many phases, each of which may be shared, that is done again and again.
package protocol TeamWork: AnyObject, Sendable {
  /// How many phases there are, in their order.
  var phaseCount: Int { get }
  /// Into how many parts phase `index` is cut, 1...`Team.mostParts`. Asked once.
  func partCount(_ index: Int) -> Int
  /// Does a part of phase `index`. What the phases before it wrote is there to read; the other parts
  /// are done at the same time, each by another member.
  func run(_ index: Int, _ part: Share)
  /// Called by the caller of `Team.run` when it finds all parts of phase `index` done; others may be at the next
  /// phase already.
  func didEnd(_ index: Int)
}

/// A part of something that can be cut anywhere, and who does it.
package struct Share: Hashable, Sendable {
  /// Which part it is, from 0 on.
  package let index: Int
  /// How many parts there are.
  package let count: Int
  /// The member that does it: whose scratch memory it may use.
  package let member: Int

  /// Everything, as one part, by the caller.
  package static let whole = Share(index: 0, count: 1)

  /// Part `index` of `count`.
  package init(index: Int, count: Int, member: Int = 0) {
    precondition(index >= 0 && index < count, "part \(index) of \(count)")
    self.index = index
    self.count = count
    self.member = member
  }

  /// This part of `count` things, which are cut only at multiples of `grain`; may be empty.
  package func of(_ count: Int, grain: Int = 1) -> Range<Int> {
    let grains = (count + grain - 1) / grain
    let start = grains * index / self.count * grain
    let end = grains * (index + 1) / self.count * grain
    return min(start, count)..<min(end, count)
  }
}

/// Threads that do one work together, phase after phase, and sleep between two times.
///
/// A phase is cut into parts, best into some more than there are members. Each member takes those that lie where
/// it worked before, then any that nobody has taken: on a slower processor it does fewer, and one that the system
/// keeps from running holds up the others only with what it has begun. The caller of `run` is a member, so a team
/// of one has no threads.
///
/// Members wait for one another awake, since it takes microseconds; a member without work sleeps after some tens
/// of them.
@safe
package final class Team: Sendable {
  /// The largest team.
  package static let greatestCount = 16
  /// The most parts of a phase.
  package static let mostParts = 32
  /// Bytes of a thread's stack; kernels use up to 64 KiB of it.
  private static let stackByteCount = 512 << 10
  /// Bytes of its stack that a helper makes resident: what kernels use and some 12 KiB of the thread's own
  /// (76 KiB measured on x86-64), in whole pages of a board that has them of 64 KiB.
  package static let helperByteCount = 128 << 10

  /// Members, the caller included.
  package let count: Int
  private let agenda: Agenda
  private let helpers: [Helper]
  private let threads: [pthread_t]

  /// A team of `count` members for `work`, or of as many as the system gives threads for.
  package init(count: Int, _ work: any TeamWork) {
    precondition((1...Self.greatestCount).contains(count), "a team of \(count)")
    let agenda = Agenda(work, mostMembers: count)
    var (helpers, threads): ([Helper], [pthread_t]) = ([], [])
    for index in 1..<max(1, count) {
      let helper = Helper(index, agenda)
      guard let thread = helper.start(stackByteCount: Self.stackByteCount) else { break }
      helpers.append(helper)
      threads.append(thread)
    }
    agenda.memberCount = helpers.count + 1
    self.count = helpers.count + 1
    self.agenda = agenda
    self.helpers = helpers
    self.threads = threads
  }

  deinit {
    for helper in helpers { helper.end() }
    for thread in threads { pthread_join(thread, nil) }
  }

  /// What `usualCount` never exceeds: of more threads each has too little to do between two phases.
  package static let usualLimit = 4
  /// A member for each processor that this process may use, at most `usualLimit`.
  package static var usualCount: Int { min(usualLimit, krn_cpu_count()) }

  /// Does all phases with all members and returns when all are done. One caller at a time.
  /// - Complexity: no allocation.
  package func run() {
    agenda.begin()
    for index in 0..<helpers.count { helpers[index].call() }
    agenda.work(as: 0)
  }
}

/// A thread of a team.
@safe
private final class Helper: @unchecked Sendable {
  private let index: Int
  private let agenda: Agenda
  private let calls = Atomic<Int>(0)
  private let isEnding = Atomic<Bool>(false)
  private let isAsleep = Atomic<Bool>(false)
  private let bell: UnsafeMutablePointer<sem_t>

  init(_ index: Int, _ agenda: Agenda) {
    self.index = index
    self.agenda = agenda
    unsafe bell = .allocate(capacity: 1)
    unsafe bell.initialize(to: sem_t())
    unsafe sem_init(bell, 0, 0)
  }

  deinit {
    unsafe sem_destroy(bell)
    unsafe bell.deallocate()
  }

  /// Starts the thread, which blocks every signal: they are the main program's. `nil` if there is none to be had.
  func start(stackByteCount: Int) -> pthread_t? {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setstacksize(&attributes, stackByteCount)
    let box = unsafe Unmanaged.passRetained(self)
    var (all, before) = (sigset_t(), sigset_t())
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    var thread = pthread_t()
    let result = unsafe pthread_create(
      &thread, &attributes,
      { box in
        guard let box = unsafe box else { return nil }
        unsafe Unmanaged<Helper>.fromOpaque(box).takeRetainedValue().loop()
        return nil
      }, box.toOpaque())
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
    if result == 0 { return thread }
    unsafe box.release()
    return nil
  }

  /// Ends the thread when it has done what it is at.
  func end() {
    isEnding.store(true, ordering: .sequentiallyConsistent)
    call()
  }

  /// Calls the thread to the agenda.
  func call() {
    calls.add(1, ordering: .sequentiallyConsistent)
    if isAsleep.exchange(false, ordering: .sequentiallyConsistent) { unsafe sem_post(bell) }
  }

  private func loop() {
    var heard = 0
    while true {
      rest(after: heard)
      heard = calls.load(ordering: .acquiring)
      if isEnding.load(ordering: .acquiring) { return }
      agenda.work(as: index)
    }
  }

  /// Waits for a call after `heard` of them: awake for a while, then asleep.
  private func rest(after heard: Int) {
    for _ in 0..<Agenda.patience {
      if calls.load(ordering: .acquiring) != heard { return }
      krn_pause()
    }
    // Exchanged, where a store would do: qemu's aarch64 lets the load below pass a store (`ldar` after `stlr`: seen
    // with 7.2 on x86-64, in two to nine of a hundred tries), and then nobody rings.
    _ = isAsleep.exchange(true, ordering: .sequentiallyConsistent)
    // A call that came meanwhile: whoever takes the flag back decides whether the bell rings.
    if calls.load(ordering: .sequentiallyConsistent) != heard,
      isAsleep.exchange(false, ordering: .sequentiallyConsistent)
    {
      return
    }
    while unsafe sem_wait(bell) != 0 {}
  }
}
