import Graph
import Kernels

/// All that a body does to its arena, in phases: one of each stage.
final class BodyWork: TeamWork, @unchecked Sendable {
  /// Something that must be done before the next thing can begin.
  private struct Phase {
    let action: Action
    /// Its place in the plan.
    let stage: Int
    let partCount: Int
  }

  private enum Action {
    /// By one thread alone, while the others wait: it has no form by rows.
    case whole(any BodyStep)
    /// A result, of which each part makes some.
    case rows(any RowStep)
    /// A chain, of which each part makes a band.
    case bands(StripSchedule, [any RowStep])
  }

  /// A part should take so many multiply-adds, some microseconds: others that wait for its end wait no longer.
  private static let partCost = 400_000

  private let arena: WorkMemory<Int8>
  private let threads: Int
  private var phases: [Phase] = []
  private var stage = 0
  /// When each stage ended; not noted if empty.
  var ends: [ContinuousClock.Instant] = []

  init(_ arena: WorkMemory<Int8>, threads: Int) {
    self.arena = arena
    self.threads = threads
  }

  /// Adds what a stage does: one step, or none.
  func add(_ step: (any BodyStep)?) {
    if let step = step?.rowStep {
      let count = Self.partCount(cost: step.height * step.rowCost, threads: threads)
      phases.append(Phase(action: .rows(step), stage: stage, partCount: count))
    } else if let step {
      phases.append(Phase(action: .whole(step), stage: stage, partCount: 1))
    }
    stage += 1
  }

  /// Adds a stage of several steps in strips of rows.
  func add(_ schedule: StripSchedule, _ steps: [any RowStep]) {
    precondition(steps.count == schedule.nodeCount, "\(steps.count) steps")
    phases.append(
      Phase(action: .bands(schedule, steps), stage: stage, partCount: schedule.bandCount))
    stage += 1
  }

  /// Parts of something that takes `cost` multiply-adds: as many for each thread.
  static func partCount(cost: Int, threads: Int) -> Int {
    let most = Team.mostParts / threads
    return threads == 1 ? 1 : threads * max(1, min(4, most, cost / partCost / threads))
  }

  var phaseCount: Int { phases.count }

  func partCount(_ index: Int) -> Int { phases[index].partCount }

  func run(_ index: Int, _ part: Share) {
    switch phases[index].action {
    case .whole(let step): step.run(arena)
    case .rows(let step): step.run(arena, rows: 0..<step.height, part)
    case .bands(let schedule, let steps): run(band: part.index, of: schedule, steps, part.member)
    }
  }

  private func run(band: Int, of schedule: StripSchedule, _ steps: [any RowStep], _ member: Int) {
    let part = Share(index: 0, count: 1, member: member)
    for strip in schedule.strips(band: band) {
      for node in 0..<schedule.nodeCount {
        let rows = schedule.rows(band: band, strip: strip, node: node)
        if !rows.isEmpty { steps[node].run(arena, rows: rows, part) }
      }
    }
  }

  func didEnd(_ index: Int) {
    if !ends.isEmpty { ends[phases[index].stage] = .now }
  }

  /// Runs everything in the caller's thread, calling `done` with the place of each stage that ended.
  func run(done: (Int) -> Void) {
    var next = 0
    for stage in 0..<stage {
      while next < phases.count, phases[next].stage == stage {
        let count = phases[next].partCount
        for part in 0..<count { run(next, Share(index: part, count: count)) }
        next += 1
      }
      done(stage)
    }
  }
}
