package import Inference
import Kernels
import Tensors

/// A fine-tune in progress, an epoch at a time, so that it can be put aside and resumed.
///
/// The same head, samples, scaling and settings give the same bytes on every CPU, whether it ran
/// through or was resumed from a checkpoint.
package struct FineTuneRun: Sendable {
  /// Epochs done and to do.
  package private(set) var epoch = 0
  package let epochs: Int
  private let settings: FineTuneSettings
  private let kernels: KernelSet
  private let classes: [String]
  private let scaling: FeatureScaling
  private let samples: [TrainingSample]
  private let start: Head
  private let rows: [Row]
  private let stepsAnEpoch: Int
  private var layer: SoftmaxLayer
  private var random: SeededRandom
  private var steps = 0
  private var firstLoss: Float = 0
  private var lastLoss: Float = 0

  /// One patch of one sample.
  private struct Row: Sendable {
    var sample: Int32
    var patch: Int32
  }

  /// The start of a fine-tune of `head` on `samples`, which have been checked.
  init(
    head: Head, samples: [TrainingSample], scaling: FeatureScaling, settings: FineTuneSettings,
    kernels: KernelSet
  ) {
    self.settings = settings
    self.kernels = kernels
    self.scaling = scaling
    self.samples = samples
    classes = head.classes
    rows = samples.indices.flatMap { index in
      (0..<samples[index].patches).map { Row(sample: Int32(index), patch: Int32($0)) }
    }
    let batch = settings.batchSize
    stepsAnEpoch = (rows.count + batch - 1) / batch
    epochs = max(settings.epochs, (settings.minimumSteps + stepsAnEpoch - 1) / stepsAnEpoch)
    layer = SoftmaxLayer(head, scaling: scaling)
    random = SeededRandom(seed: settings.seed)
    start = head
  }

  /// What tells this fine-tune from others. Read only where a checkpoint is made or taken: it goes
  /// through every number.
  private var fingerprint: UInt64 {
    var sum = Fingerprint()
    sum.add(settings)
    sum.add(start)
    sum.add(scaling.mean)
    sum.add(scaling.deviation)
    sum.add(samples)
    return sum.value
  }

  /// Whether all epochs are done.
  package var isFinished: Bool { epoch >= epochs }

  /// Trains on every patch once, in an order the seed decides.
  ///
  /// - Throws: `diverged` if a weight is no longer a finite number.
  /// - Complexity: O(patches × classes × features).
  package mutating func runEpoch() throws(TrainingError) {
    guard !isFinished else { return }
    var order = rows
    random.shuffle(&order)
    let width = layer.featureCount
    let batch = min(settings.batchSize, rows.count)
    var inputs = [Float](repeating: 0, count: batch * width)
    var labels = [Int](repeating: 0, count: batch)
    var rowWeights = [Float](repeating: 0, count: batch)
    let inverse = scaling.inverse
    let candidates = samples.reduce(Float(0)) { $0 + $1.weight }
    let rowsACandidate = Float(rows.count) / candidates
    let decay = settings.penalty(featureCount: width) / candidates
    let rate = settings.firstRate(featureCount: width)
    var loss = 0.0
    for start in stride(from: 0, to: order.count, by: batch) {
      let count = min(batch, order.count - start)
      for place in 0..<count {
        let row = order[start + place]
        let sample = samples[Int(row.sample)]
        labels[place] = sample.label
        rowWeights[place] = sample.weight * rowsACandidate / Float(sample.patches)
        let base = Int(row.patch) * width
        var rows = inputs.mutableSpan
        standardiseF32(
          sample.features.span.extracting(base..<base + width), mean: scaling.mean.span,
          inverse: inverse.span, into: &rows, at: place * width)
      }
      loss += Double(
        layer.differentiate(
          inputs: inputs.span.extracting(first: count * width),
          labels: labels.span.extracting(first: count),
          rowWeights: rowWeights.span.extracting(first: count), kernels: kernels))
      let left = 1 - Float(steps) / Float(epochs * stepsAnEpoch)
      layer.step(rate: rate * left, momentum: settings.momentum, decay: decay)
      steps += 1
    }
    lastLoss = Float(loss / Double(rows.count))
    if epoch == 0 { firstLoss = lastLoss }
    epoch += 1
    guard layer.isFinite else {
      throw .diverged(epoch: epoch, learningRate: settings.learningRate)
    }
  }

  /// What resumes the fine-tune from here.
  package var checkpoint: FineTuneCheckpoint {
    FineTuneCheckpoint(
      epoch: epoch, steps: steps, fingerprint: fingerprint, random: random.state,
      firstLoss: firstLoss, lastLoss: lastLoss, weights: layer.weights, bias: layer.bias,
      weightVelocity: layer.weightVelocity, biasVelocity: layer.biasVelocity)
  }

  /// Goes on from `checkpoint`.
  ///
  /// - Throws: `checkpointOfAnother` if it was made by a fine-tune that began otherwise.
  package mutating func resume(from checkpoint: FineTuneCheckpoint) throws(TrainingError) {
    guard checkpoint.fingerprint == fingerprint, checkpoint.weights.count == layer.weights.count,
      checkpoint.bias.count == layer.bias.count, checkpoint.epoch <= epochs,
      checkpoint.steps == checkpoint.epoch * stepsAnEpoch
    else { throw .checkpointOfAnother }
    epoch = checkpoint.epoch
    steps = checkpoint.steps
    random = SeededRandom(seed: checkpoint.random)
    (firstLoss, lastLoss) = (checkpoint.firstLoss, checkpoint.lastLoss)
    layer.weights = checkpoint.weights
    layer.bias = checkpoint.bias
    layer.weightVelocity = checkpoint.weightVelocity
    layer.biasVelocity = checkpoint.biasVelocity
  }

  /// The head as trained so far, in the units of the features.
  package var head: Head { layer.head(classes: classes, scaling: scaling) }

  /// What happened so far.
  var progress: (steps: Int, firstLoss: Float, lastLoss: Float) { (steps, firstLoss, lastLoss) }
}
