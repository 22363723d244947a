import ActiveLearning
import Tensors

/// States made for tests of strategies.
enum States {
  /// Points on a line, named by their place in `line`; `labelled` are taken out of the pool.
  static func line(
    _ line: [Float], labelled: [Int] = [], probabilities: [[Float]] = [], classes: Int = 2
  ) -> SelectionState {
    make(
      FeatureTable(dimension: 1, values: line), labelled: labelled, probabilities: probabilities,
      classes: classes)
  }

  /// A state over `table` without those `labelled`, which are of class 0.
  static func make(
    _ table: FeatureTable, labelled: [Int] = [], probabilities: [[Float]] = [], classes: Int = 2
  ) -> SelectionState {
    SelectionState(
      affinity: Affinity(table), unlabelled: (0..<table.count).filter { !labelled.contains($0) },
      labelled: labelled, labels: labelled.map { _ in 0 }, classes: classes,
      probabilities: probabilities)
  }

  /// `groups` clouds of `size` rows in 12 dimensions, one cloud after the other.
  static func clouds(_ groups: Int, of size: Int, seed: UInt64) -> FeatureTable {
    var random = SeededRandom(seed: seed)
    var values: [Float] = []
    for group in 0..<groups {
      for _ in 0..<size {
        for column in 0..<12 {
          values.append(Float(random.unit() - 0.5) + (column % groups == group ? 3 : 0))
        }
      }
    }
    return FeatureTable(dimension: 12, values: values)
  }

  /// A pool of 120 in 4 clouds, 9 of them labelled, with 1 to 5 random patches each over 3 classes.
  static func pool(seed: UInt64) -> SelectionState {
    let table = clouds(4, of: 30, seed: seed)
    var random = SeededRandom(seed: seed, stream: 1)
    let labelled = [3, 7, 31, 64, 65, 90, 100, 111, 119]
    let probabilities = (0..<111).map { place in
      randomPatches(1 + place % 5, 3, &random).flatMap { $0.map { Float($0) } }
    }
    return make(table, labelled: labelled, probabilities: probabilities, classes: 3)
  }

  /// The same candidates under other names: old candidate c is `names[c]` now.
  static func renamed(_ state: SelectionState, table: FeatureTable, names: [Int]) -> SelectionState
  {
    var values = [Float](repeating: 0, count: table.values.count)
    for row in 0..<table.count {
      for column in 0..<table.dimension {
        values[names[row] * table.dimension + column] = table.values[row * table.dimension + column]
      }
    }
    let order = state.unlabelled.indices.sorted {
      names[state.unlabelled[$0]] < names[state.unlabelled[$1]]
    }
    return SelectionState(
      affinity: Affinity(FeatureTable(dimension: table.dimension, values: values)),
      unlabelled: order.map { names[state.unlabelled[$0]] },
      labelled: state.labelled.map { names[$0] }, labels: state.labels, classes: state.classes,
      probabilities: order.map { state.probabilities[$0] })
  }
}
