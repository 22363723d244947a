import Inference

/// A 64-bit sum that tells one fine-tune from another (FNV-1a over 32-bit words).
///
/// It guards against mistakes, not against malice: a checkpoint is the device's own file.
struct Fingerprint {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ word: UInt32) {
    value = (value ^ UInt64(word)) &* 0x100_0000_01b3
  }

  mutating func add(_ number: Int64) {
    let bits = UInt64(bitPattern: number)
    add(UInt32(truncatingIfNeeded: bits))
    add(UInt32(truncatingIfNeeded: bits >> 32))
  }

  mutating func add(_ numbers: [Float]) {
    add(Int64(numbers.count))
    for number in numbers { add(number.bitPattern) }
  }

  mutating func add(_ settings: FineTuneSettings) {
    for number in [settings.epochs, settings.minimumSteps, settings.batchSize] {
      add(Int64(number))
    }
    add([settings.learningRate, settings.momentum, settings.weightDecay])
    add(Int64(bitPattern: settings.seed))
  }

  mutating func add(_ head: Head) {
    add(head.weights)
    add(head.bias)
  }

  mutating func add(_ samples: [TrainingSample]) {
    add(Int64(samples.count))
    for sample in samples {
      add(sample.candidate)
      add(Int64(sample.label))
      add(sample.features)
      add(sample.weight.bitPattern)
    }
  }
}
