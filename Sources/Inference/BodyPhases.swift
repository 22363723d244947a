import Graph
import Kernels

/// Something that must be done before the next thing can begin, in parts that may be done at the same time.
class BodyPhase {
  /// Its place in the plan.
  let stage: Int
  let partCount: Int

  init(stage: Int, partCount: Int = 1) {
    self.stage = stage
    self.partCount = partCount
  }

  /// Does `part` of it with the memory of the member that does.
  func run(_ arena: WorkMemory<Int8>, _ part: Share, _ scratch: MemberScratch) {
    preconditionFailure("\(Self.self) does nothing")
  }
}

/// A step by one thread alone, while the others wait: it has no form by rows.
final class WholePhase: BodyPhase {
  private let step: any WholeStep

  init(_ step: any WholeStep, stage: Int) {
    self.step = step
    super.init(stage: stage)
  }

  override func run(_ arena: WorkMemory<Int8>, _ part: Share, _ scratch: MemberScratch) {
    step.run(arena)
  }
}

/// A result, of which each part makes some.
final class RowsPhase: BodyPhase {
  private let step: RowStep

  init(_ step: RowStep, stage: Int, partCount: Int) {
    self.step = step
    super.init(stage: stage, partCount: partCount)
  }

  override func run(_ arena: WorkMemory<Int8>, _ part: Share, _ scratch: MemberScratch) {
    step.run(arena, rows: 0..<step.height, part, scratch)
  }
}

/// A chain, of which each part makes a band, a strip of rows at a time.
final class BandsPhase: BodyPhase {
  private let schedule: StripSchedule
  private let owned: [RowStep]
  private let steps: [Uncounted<RowStep>]

  init(_ schedule: StripSchedule, _ steps: [RowStep], stage: Int) {
    precondition(steps.count == schedule.nodeCount, "\(steps.count) steps")
    self.schedule = schedule
    owned = steps
    self.steps = steps.map(Uncounted.init)
    super.init(stage: stage, partCount: schedule.bandCount)
  }

  override func run(_ arena: WorkMemory<Int8>, _ part: Share, _ scratch: MemberScratch) {
    let band = part.index
    let whole = Share(index: 0, count: 1, member: part.member)
    for strip in schedule.strips(band: band) {
      for node in 0..<schedule.nodeCount {
        let rows = schedule.rows(band: band, strip: strip, node: node)
        if rows.isEmpty { continue }
        steps[node].use { $0.run(arena, rows: rows, whole, scratch) }
      }
    }
  }
}

/// The feature, taken out of the arena.
final class FeaturePhase: BodyPhase {
  private let step: FeatureStep
  private let feature: WorkMemory<Float>

  init(_ step: FeatureStep, into feature: WorkMemory<Float>, stage: Int) {
    self.step = step
    self.feature = feature
    super.init(stage: stage)
  }

  override func run(_ arena: WorkMemory<Int8>, _ part: Share, _ scratch: MemberScratch) {
    let feature = feature
    var span = feature.write(0..<feature.count)
    step.run(arena, into: &span)
  }
}

/// The logits of the feature.
final class TailPhase: BodyPhase {
  private let tail: Tail
  private let feature: WorkMemory<Float>
  private let logits: WorkMemory<Float>

  init(
    _ tail: Tail, from feature: WorkMemory<Float>, into logits: WorkMemory<Float>, stage: Int,
    partCount: Int
  ) {
    self.tail = tail
    self.feature = feature
    self.logits = logits
    super.init(stage: stage, partCount: partCount)
  }

  override func run(_ arena: WorkMemory<Int8>, _ part: Share, _ scratch: MemberScratch) {
    tail.run(feature, into: logits, part)
  }
}
