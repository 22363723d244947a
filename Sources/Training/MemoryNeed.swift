/// Bytes a fine-tune takes on `samples` samples of `patches` patches each, features included.
///
/// The head in training, its velocity and gradient and the head given back, one batch, and the order
/// of the patches; the code itself and what the caller holds besides are not in it.
package func memoryNeeded(
  samples: Int, patches: Int, featureCount: Int, classes: Int, settings: FineTuneSettings
) -> Int {
  fixedBytes(featureCount: featureCount, classes: classes, settings: settings)
    + samples * (bytesPerSample + patches * (featureCount * 4 + bytesPerRow))
}

/// Bytes beside the samples: four copies of the head (weights, velocity, gradient, result), the
/// scaling with its inverse, and a batch with its labels, weights and probabilities.
func fixedBytes(featureCount: Int, classes: Int, settings: FineTuneSettings) -> Int {
  4 * classes * (featureCount + 1) * 4 + 3 * featureCount * 4
    + settings.batchSize * (featureCount * 4 + classes * 4 + 12)
}

/// Bytes of `sample` in a fine-tune.
package func byteCount(of sample: TrainingSample) -> Int {
  bytesPerSample + sample.features.count * 4 + sample.patches * bytesPerRow
}

/// Bytes of a sample beside its features: its record, and the header of its array.
let bytesPerSample = MemoryLayout<TrainingSample>.stride + 32

/// Bytes of a patch in the order of training.
let bytesPerRow = 8
