import Graph
import Kernels

/// All that a body does to its arena, in phases: one of each stage, and what makes results of the last.
final class BodyWork: TeamWork, @unchecked Sendable {
  private let arena: WorkMemory<Int8>
  private let threads: Int
  private var owned: [BodyPhase] = []
  // Neither changes once the body runs: nothing has to be checked each time.
  @exclusivity(unchecked) private var phases: [Uncounted<BodyPhase>] = []
  private var stage = 0
  private var ownedMembers: [MemberScratch] = []
  @exclusivity(unchecked) private var members: [Uncounted<MemberScratch>] = []
  /// When each stage ended; not noted if empty.
  var ends: [ContinuousClock.Instant] = []

  init(_ arena: WorkMemory<Int8>, threads: Int) {
    self.arena = arena
    self.threads = threads
  }

  /// Adds what a stage does: one step, or none.
  func add(_ step: BodyStep?) {
    switch step {
    case .rows(let step): add(RowsPhase(step, stage: stage, partCount: step.partCount))
    case .whole(let step): add(WholePhase(step, stage: stage))
    case nil: break
    }
    stage += 1
  }

  /// Adds a stage of several steps in strips of rows.
  func add(_ schedule: StripSchedule, _ steps: [RowStep]) {
    add(BandsPhase(schedule, steps, stage: stage))
    stage += 1
  }

  /// Adds the feature, and the logits that `tail` makes of it, after all stages.
  func add(
    _ feature: FeatureStep, into numbers: WorkMemory<Float>, _ tail: Tail,
    into logits: WorkMemory<Float>
  ) {
    add(FeaturePhase(feature, into: numbers, stage: stage))
    let count = PartCount(cost: tail.cost, threads: threads).value
    add(TailPhase(tail, from: numbers, into: logits, stage: stage, partCount: count))
  }

  private func add(_ phase: BodyPhase) {
    owned.append(phase)
    unsafe phases.append(Uncounted(phase))
  }

  /// Gives each member its memory; call when all steps are there.
  func equip(_ scratch: [MemberScratch]) {
    ownedMembers = scratch
    unsafe members = scratch.map(Uncounted.init)
  }

  var phaseCount: Int { unsafe phases.count }

  func partCount(_ index: Int) -> Int { unsafe phases[index].use { $0.partCount } }

  func run(_ index: Int, _ part: Share) {
    unsafe phases[index].use { phase in
      unsafe members[part.member].use { phase.run(arena, part, $0) }
    }
  }

  func didEnd(_ index: Int) {
    let stage = owned[index].stage
    if stage < ends.count { ends[stage] = .now }
  }

  /// Runs everything in the caller's thread, calling `done` with the place of each stage that ended.
  func run(done: (Int) -> Void) {
    var next = 0
    for stage in 0..<stage {
      while next < phaseCount, owned[next].stage == stage {
        let count = partCount(next)
        for part in 0..<count { run(next, Share(index: part, count: count)) }
        next += 1
      }
      done(stage)
    }
  }
}
