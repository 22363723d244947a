import Graph
import Kernels

/// All that a body does to its arena, in phases: a step on whole activations, or one node's rows of
/// one strip of a chain.
final class BodyWork: TeamWork, @unchecked Sendable {
  /// Something that must be done before the next thing can begin.
  private struct Phase {
    let action: Action
    /// Its place in the plan.
    let stage: Int
  }

  private enum Action {
    /// By one thread alone, while the others wait: it has no form by rows.
    case whole(any BodyStep)
    /// Some rows of a result, which can be shared.
    case rows(any RowStep, Range<Int>)
  }

  private let arena: WorkMemory<Int8>
  private var phases: [Phase] = []
  private var stage = 0
  /// When each stage ended; not noted if empty.
  var ends: [ContinuousClock.Instant] = []

  init(_ arena: WorkMemory<Int8>) {
    self.arena = arena
  }

  /// Adds what a stage does: one step, or none.
  func add(_ step: (any BodyStep)?) {
    if let step = step?.rowStep {
      phases.append(Phase(action: .rows(step, 0..<step.height), stage: stage))
    } else if let step {
      phases.append(Phase(action: .whole(step), stage: stage))
    }
    stage += 1
  }

  /// Adds a stage of several steps in strips of rows.
  func add(_ chain: Chain, _ steps: [any RowStep]) {
    precondition(steps.count == chain.nodeCount, "\(steps.count) steps for \(chain.nodeCount)")
    for strip in 0..<chain.stripCount {
      for (node, step) in steps.enumerated() {
        let rows = chain.rows(strip: strip, node: node)
        if !rows.isEmpty { phases.append(Phase(action: .rows(step, rows), stage: stage)) }
      }
    }
    stage += 1
  }

  var phaseCount: Int { phases.count }

  func isShared(_ index: Int) -> Bool {
    if case .rows = phases[index].action { true } else { false }
  }

  func run(_ index: Int, _ part: Share) {
    switch phases[index].action {
    case .whole(let step): step.run(arena)
    case .rows(let step, let rows): step.run(arena, rows: rows, part)
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
        run(next, .whole)
        next += 1
      }
      done(stage)
    }
  }
}
