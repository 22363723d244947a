import ActiveLearning
import Tensors
import Testing

@Suite("Strategies of features")
struct FeatureStrategyTests {
  @Test(
    "the core-set takes whatever is least like all that was labelled or chosen", arguments: 1...5)
  func farthest(seed: UInt64) {
    let state = States.make(States.clouds(4, of: 10, seed: seed), labelled: [3, 17])
    var near = state.labelled
    for candidate in choose(.coreSet, from: state, count: 6, seed: seed) {
      let likeness = { (index: Int) in
        near.map { state.affinity.cosine(index, $0) }.max() ?? -1
      }
      let least = state.unlabelled.filter { !near.contains($0) }.map(likeness).min() ?? 1
      #expect(likeness(candidate) <= least + 1e-5)
      near.append(candidate)
    }
  }

  @Test("the core-set begins with what random takes")
  func firstBatch() {
    let state = States.make(States.clouds(3, of: 10, seed: 4))
    #expect(
      choose(.coreSet, from: state, count: 5, seed: 9)
        == choose(.random, from: state, count: 5, seed: 9))
  }

  @Test("TypiClust asks the middle of each large group that has no label")
  func typical() {
    // Four clouds of 20; the first has a label. Two questions make three groups at least.
    let table = States.clouds(4, of: 20, seed: 2)
    let state = States.make(table, labelled: [4])
    for seed in 1...10 as ClosedRange<UInt64> {
      let chosen = choose(.typiClust, from: state, count: 3, seed: seed)
      #expect(Set(chosen.map { $0 / 20 }).count == 3, "asked \(chosen)")
    }
  }

  @Test("TypiClust leaves a lone outlier to the end")
  func outlier() {
    var values = States.clouds(2, of: 30, seed: 5).values
    for column in 0..<12 { values[column] = column == 5 ? -40 : 0 }
    let state = States.make(FeatureTable(dimension: 12, values: values))
    for seed in 1...10 as ClosedRange<UInt64> {
      #expect(!choose(.typiClust, from: state, count: 6, seed: seed).contains(0))
    }
  }

  @Test("TypiClust's most typical is nearest to its neighbours")
  func densest() {
    // One question, one group: the directions fan out from the diagonal, which is the densest.
    let angles: [Float] = [0, 0.3, 0.5, 0.6, 0.65, 0.7, 0.8, 1.0, 1.3]
    // Each direction and its opposite, so that standardising moves nothing.
    let rows =
      angles.flatMap { [cosine($0), sine($0)] } + angles.flatMap { [-cosine($0), -sine($0)] }
    let table = FeatureTable(dimension: 2, values: rows)
    let state = States.make(table, labelled: Array(9..<18))
    let chosen = choose(.typiClust, from: state, count: 1, seed: 3)
    #expect([3, 4, 5].contains(chosen[0]))
  }

  @Test("ProbCover asks once in each of two blobs, then of what is not covered", arguments: 1...10)
  func blobs(seed: Int) {
    let table = States.clouds(2, of: 25, seed: UInt64(seed))
    let state = States.make(table)
    let chosen = choose(.probCover, from: state, count: 2, seed: UInt64(seed))
    #expect(Set(chosen.map { $0 / 25 }) == [0, 1])
    for label in [0, 10, 24, 25, 40] {
      let covered = States.make(table, labelled: [label])
      let next = choose(.probCover, from: covered, count: 1, seed: UInt64(seed))
      #expect(next.map { $0 / 25 } == [1 - label / 25])
    }
  }

  @Test("BADGE's distances are those of the gradients written down")
  func gradients() {
    let table = States.clouds(3, of: 8, seed: 3)
    var random = SeededRandom(seed: 5)
    let means = (0..<24).map { _ in randomPatches(1, 3, &random)[0].map { Float($0) } }
    let state = States.make(table, probabilities: means, classes: 3)
    let gradients = Gradients(state)
    let features = standardised(table)
    let written = (0..<24).map { place -> [Double] in
      var error = means[place].map { Double($0) }
      let top = error.indices.reduce(0) { error[$1] > error[$0] ? $1 : $0 }
      error[top] -= 1
      return error.flatMap { part in features[place].map { part * $0 } }
    }
    for first in 0..<24 {
      for second in 0..<24 {
        let expected = zip(written[first], written[second]).reduce(0) {
          $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
        }
        // The products are sums of 12 in Float, about 12 in size.
        #expect(abs(gradients.squaredDistance(first, second) - expected) < 1e-4)
      }
    }
  }

  @Test("BADGE begins with the longest gradient and asks no two that are sure")
  func longest() {
    let table = States.clouds(2, of: 10, seed: 3)
    var probabilities = [[Float]](repeating: [1, 0], count: 20)
    probabilities[4] = [0.5, 0.5]
    probabilities[15] = [0.45, 0.55]
    probabilities[16] = [0.3, 0.7]
    let state = States.make(table, probabilities: probabilities)
    for seed in 1...10 as ClosedRange<UInt64> {
      let chosen = choose(.badge, from: state, count: 3, seed: seed)
      #expect(chosen.count { ![4, 15, 16].contains($0) } <= 1)
      #expect([4, 15].contains(chosen[0]))
    }
  }

  @Test("BADGE does not come back to what is like any chosen one", arguments: 1...20)
  func unlike(seed: Int) {
    // Four copies each of three candidates that are equally unsure.
    let rows: [Float] = [1, 0, 0, 0, 1, 0, 0, 0, 1]
    let table = FeatureTable(dimension: 3, values: rows + rows + rows + rows)
    let state = States.make(table, probabilities: .init(repeating: [0.5, 0.5], count: 12))
    let chosen = choose(.badge, from: state, count: 3, seed: UInt64(seed))
    #expect(Set(chosen.map { $0 % 3 }) == [0, 1, 2])
  }

  /// The rows of `table` with columns of mean 0 and deviation 1.
  private func standardised(_ table: FeatureTable) -> [[Double]] {
    var rows = (0..<table.count).map { row in
      (0..<table.dimension).map { Double(table.values[row * table.dimension + $0]) }
    }
    for column in 0..<table.dimension {
      let mean = rows.reduce(0) { $0 + $1[column] } / Double(rows.count)
      let variance =
        rows.reduce(0) { $0 + ($1[column] - mean) * ($1[column] - mean) } / Double(rows.count)
      for row in rows.indices {
        rows[row][column] = (rows[row][column] - mean) / variance.squareRoot()
      }
    }
    return rows
  }

  private func sine(_ angle: Float) -> Float {
    angle - angle * angle * angle / 6 + angle * angle * angle * angle * angle / 120
  }

  private func cosine(_ angle: Float) -> Float {
    let square = angle * angle
    return 1 - square / 2 + square * square / 24 - square * square * square / 720
  }
}
