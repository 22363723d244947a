/// A labelled candidate as training sees it: the features of its patches and one label for all.
package struct TrainingSample: Hashable, Sendable {
  /// Identity in the store; named in errors.
  package var candidate: Int64
  /// Index of the class.
  package var label: Int
  /// `[patches, feature count]`, row-major.
  package var features: [Float]
  /// Rows of `features`; at least 1.
  package var patches: Int
  /// How many candidates it stands for, above 0; its patches share it.
  package var weight: Float

  /// A candidate whose `patches` patches all show class `label`.
  package init(candidate: Int64, label: Int, features: [Float], patches: Int, weight: Float = 1) {
    self.candidate = candidate
    self.label = label
    self.features = features
    self.patches = patches
    self.weight = weight
  }
}
