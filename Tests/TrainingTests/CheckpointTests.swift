import Inference
import Tensors
import Testing
import Training

@Suite("Checkpoint")
struct CheckpointTests {
  private let clouds = Clouds()
  private let settings = FineTuneSettings(epochs: 5, minimumSteps: 0, seed: 8)

  private func plan(
    _ change: (inout FineTuneSettings, inout [TrainingSample]) -> Void = { _, _ in }
  )
    throws -> FineTuner.Plan
  {
    var (settings, new) = (settings, clouds.samples(25, seed: 6))
    change(&settings, &new)
    return try FineTuner(settings).plan(
      head: clouds.head, new: new, old: clouds.samples(9, seed: 7, first: 99),
      scaling: clouds.scaling(new))
  }

  @Test("cut after any epoch, a fine-tune ends in the same bytes", arguments: 0...5)
  func resumes(epochs: Int) throws {
    var through = try plan().run
    while !through.isFinished { try through.runEpoch() }
    var cut = try plan().run
    for _ in 0..<epochs { try cut.runEpoch() }
    let bytes = cut.checkpoint.bytes
    var resumed = try plan().run
    try resumed.resume(from: FineTuneCheckpoint(bytes: bytes))
    #expect(resumed.epoch == epochs)
    while !resumed.isFinished { try resumed.runEpoch() }
    #expect(resumed.head.sha256 == through.head.sha256)
    #expect(resumed.checkpoint.bytes == through.checkpoint.bytes)
  }

  @Test("belongs to its head, samples and settings")
  func another() throws {
    var run = try plan().run
    try run.runEpoch()
    let checkpoint = run.checkpoint
    let others = [
      try plan { settings, _ in settings.seed += 1 },
      try plan { settings, _ in settings.epochs = 6 },
      try plan { settings, _ in settings.learningRate = 0.02 },
      try plan { _, new in new.removeLast() }, try plan { _, new in new[3].label = 1 },
      try plan { _, new in new[3].features[0] += 1 },
    ]
    for other in others {
      var run = other.run
      #expect(throws: TrainingError.checkpointOfAnother) { try run.resume(from: checkpoint) }
      #expect(run.epoch == 0)
    }
  }

  @Test("torn or altered bytes are refused, wherever they are torn")
  func torn() throws {
    var run = try plan().run
    try run.runEpoch()
    let bytes = run.checkpoint.bytes
    #expect(try FineTuneCheckpoint(bytes: bytes) == run.checkpoint)
    for length in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: TrainingError.self) {
        try FineTuneCheckpoint(bytes: Array(bytes.prefix(length)))
      }
    }
    for index in stride(from: 0, to: bytes.count, by: 5) {
      var altered = bytes
      altered[index] ^= 0x40
      #expect(throws: TrainingError.self) { try FineTuneCheckpoint(bytes: altered) }
    }
    #expect(throws: TrainingError.self) { try FineTuneCheckpoint(bytes: bytes + [0]) }
  }
}
