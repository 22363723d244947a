package import ActiveLearning
package import DeviceRuntime
import Tensors
package import Training

/// A pool of candidates whose labels are known, and the photos that accuracy is measured on.
package struct SimulationPool: Sendable {
  /// What is worth one label: a photo, or a group of photos of one subject.
  package struct Candidate: Sendable {
    /// Features and true label; the patches of all its photos.
    package var sample: TrainingSample
    /// Its photos; the first one shows it.
    package var photos: [LabelledPhotos.Photo]
  }

  /// Photos that are never asked about, row by row.
  package struct Test: Sendable {
    /// `[photos, patches, feature count]`, row-major.
    package var features: [Float]
    /// Class of each photo.
    package var labels: [Int]
    package var photos: [LabelledPhotos.Photo]
    /// Patches of each photo.
    package var patches: Int
  }

  package let classes: [String]
  package let candidates: [Candidate]
  package let test: Test
  package let featureCount: Int
  /// Where the pool's features lie; labels play no part in it.
  package let scaling: FeatureScaling
  /// How alike the candidates are, by the mean of their patches.
  package let affinity: Affinity

  /// The candidates of `features`; one label covers a whole group if `groups` is set.
  ///
  /// A group takes the label that most of its photos have, of equals the first. Photos labelled
  /// `unsure` are left out: nobody can answer for them. `keep` says which candidates stay, by their
  /// classes and in their order; all if absent.
  package init(
    _ features: PhotoFeatures, source: String, groups: Bool,
    keep: ((_ labels: [Int], _ classes: Int) -> [Int])? = nil
  ) throws(LabelledPhotosError) {
    let classes = Set(features.photos.map(\.photo.label))
      .subtracting([LabelledPhotos.unsure]).sorted()
    self.classes = classes
    featureCount = features.featureCount
    var (found, byGroup): ([Candidate], [String: Int]) = ([], [:])
    var test = Test(features: [], labels: [], photos: [], patches: features.patchCount)
    for photo in features.photos {
      guard let label = classes.firstIndex(of: photo.photo.label) else { continue }
      let values = photo.values.map { Float($0) }
      if photo.photo.isHeldOut {
        test.features += values
        test.labels.append(label)
        test.photos.append(photo.photo)
      } else if groups, let place = byGroup[photo.photo.group] {
        found[place].sample.features += values
        found[place].sample.patches += features.patchCount
        found[place].photos.append(photo.photo)
      } else {
        byGroup[photo.photo.group] = found.count
        found.append(
          Candidate(
            sample: TrainingSample(
              candidate: Int64(found.count), label: label, features: values,
              patches: features.patchCount), photos: [photo.photo]))
      }
    }
    for place in found.indices where found[place].photos.count > 1 {
      var votes = [Int](repeating: 0, count: classes.count)
      for photo in found[place].photos {
        if let label = classes.firstIndex(of: photo.label) { votes[label] += 1 }
      }
      found[place].sample.label = votes.indices.reduce(0) { votes[$1] > votes[$0] ? $1 : $0 }
    }
    if let keep { found = keep(found.map(\.sample.label), classes.count).map { found[$0] } }
    for place in found.indices { found[place].sample.candidate = Int64(place) }
    for (what, count) in [
      ("candidates to learn from", found.count), ("photos to measure on", test.labels.count),
    ] where count < 10 {
      throw .tooFew(path: source, what: what, found: count, expected: 10)
    }
    candidates = found
    self.test = test
    var measurement = FeatureScaling.Measurement(featureCount: features.featureCount)
    for candidate in found { measurement.add(candidate.sample.features.span) }
    scaling = measurement.scaling
    affinity = Affinity(
      FeatureTable(
        dimension: features.featureCount,
        values: found.flatMap { $0.sample.meanFeature(features.featureCount) }))
  }
}

extension TrainingSample {
  /// The mean of the patches' features, `[feature count]`.
  fileprivate func meanFeature(_ count: Int) -> [Float] {
    var mean = [Float](repeating: 0, count: count)
    for patch in 0..<patches {
      for column in 0..<count { mean[column] += features[patch * count + column] }
    }
    return mean.map { $0 / Float(patches) }
  }
}
