import Inference
import Kernels
import Tensors
import Testing
import Training

/// Labelled candidates in `classes` clouds, drawn by `seed`: cloud k lies at 2 in every dimension
/// that is k modulo `classes`.
struct Clouds {
  var classes = 3
  var featureCount = 19
  var patches = 2
  /// Half the width of a cloud; above 2 they overlap.
  var width: Float = 1.5

  /// `count` candidates, numbered from `first`, labels in turn.
  func samples(_ count: Int, seed: UInt64, first: Int64 = 0) -> [TrainingSample] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { index in
      let label = index % classes
      let features = (0..<patches * featureCount).map { place in
        let centre: Float = place % featureCount % classes == label ? 2 : 0
        return centre + width * Float(2 * random.unit() - 1)
      }
      return TrainingSample(
        candidate: first + Int64(index), label: label, features: features, patches: patches)
    }
  }

  /// A head that knows nothing of these clouds.
  var head: Head {
    Head(classes: (0..<classes).map { "class \($0)" }, featureCount: featureCount)
  }

  /// The scaling measured on `samples`.
  func scaling(_ samples: [TrainingSample]) -> FeatureScaling {
    var measurement = FeatureScaling.Measurement(featureCount: featureCount)
    for sample in samples { measurement.add(sample.features.span) }
    return measurement.scaling
  }
}

/// Share of `samples` of which `head` thinks as their label says.
func accuracy(_ head: Head, _ samples: [TrainingSample]) -> Double {
  Gate.judge(current: head, proposed: head, heldOut: samples).accuracyAfter ?? 0
}

/// A processor level and its kernels, for tests over all variants that run here.
struct Level: Sendable, CustomTestStringConvertible {
  var name: String
  var kernels: KernelSet
  var testDescription: String { name }

  static let runnable = CPUFeatures.levels.compactMap { level in
    KernelSet(level: level.name).map { Level(name: level.name, kernels: $0) }
  }
}
