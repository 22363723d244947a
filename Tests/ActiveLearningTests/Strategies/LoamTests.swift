import ActiveLearning
import FoundationEssentials
import Tensors
import Testing

@Suite("Loam's own strategy")
struct LoamTests {
  @Test("begins with typical candidates that are far apart", arguments: 1...10)
  func typical(seed: Int) {
    let state = States.make(States.clouds(4, of: 25, seed: UInt64(seed)))
    let chosen = choose(.loam(.init()), from: state, count: 8, seed: UInt64(seed))
    #expect(Set(chosen.map { $0 / 25 }) == [0, 1, 2, 3])
  }

  @Test("asks in groups without a label before it has learned anything", arguments: 1...10)
  func uncovered(seed: Int) {
    // Four clouds, of which two have a label: the other two come first.
    let table = States.clouds(4, of: 25, seed: UInt64(seed))
    let state = States.make(table, labelled: [3, 60])
    let settings = LoamSettings(duplicateCosine: nil)
    let chosen = choose(.loam(settings), from: state, count: 2, seed: UInt64(seed))
    #expect(Set(chosen.map { $0 / 25 }) == [1, 3])
  }

  @Test(
    "goes on with typical candidates until each class seen has so many labels", arguments: 1...5)
  func start(seed: Int) {
    // Four clouds, two with labels; the head is most unsure of the others in these two.
    let table = States.clouds(4, of: 25, seed: UInt64(seed))
    var state = States.make(
      table, labelled: [3, 4, 60],
      probabilities: (0..<100).filter { ![3, 4, 60].contains($0) }
        .map { $0 / 25 == 0 || $0 / 25 == 2 ? [0.5, 0.5] : [0.9, 0.1] })
    state.labels = [0, 0, 1]
    let clouds = { [state] (start: Int) -> Set<Int> in
      let settings = LoamSettings(start: start, spread: .none, duplicateCosine: nil)
      return Set(choose(.loam(settings), from: state, count: 2, seed: UInt64(seed)).map { $0 / 25 })
    }
    #expect(clouds(2) == [1, 3], "3 labels are less than 2 for each of 2 classes")
    #expect(clouds(1).isSubset(of: [0, 2]))
    let settings = LoamSettings(start: 2)
    #expect(settings.isStarting(labels: [0, 0, 1], candidates: 25, count: 2))
    #expect(
      !settings.isStarting(labels: [0, 0, 1], candidates: 24, count: 2), "too few to be typical")
    #expect(!settings.isStarting(labels: [], candidates: 99, count: 2), "a head from elsewhere")
  }

  @Test("asks in the larger group first", arguments: 1...10)
  func largest(seed: Int) {
    let table = States.clouds(2, of: 30, seed: UInt64(seed))
    let small = FeatureTable(dimension: 12, values: Array(table.values.dropFirst(20 * 12)))
    let chosen = choose(.loam(.init()), from: States.make(small), count: 2, seed: UInt64(seed))
    #expect(chosen.count == 2 && chosen[0] >= 10 && chosen[1] < 10)
  }

  /// Eight candidates in four directions, two of each, less and less unsure.
  private func fan(labelled: [Int] = []) -> SelectionState {
    let rows: [Float] = [
      1, 0, 0.9, 0.3, 1, -0.1, 0, 1, 0.3, 0.9, -1, 0, -0.9, -0.3, 0, -1, -0.3, -0.9,
    ]
    let leads: [Float] = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
    let table = FeatureTable(dimension: 2, values: rows)
    return States.make(
      table, labelled: labelled,
      probabilities: (0..<9).filter { !labelled.contains($0) }
        .map { [(1 + leads[$0]) / 2, (1 - leads[$0]) / 2] })
  }

  @Test("without spread takes the most unsure")
  func unspread() {
    let settings = LoamSettings(value: .margin, spread: .none, duplicateCosine: nil)
    #expect(choose(.loam(settings), from: fan(), count: 3, seed: 1) == [0, 1, 2])
  }

  @Test("with every value ranks by it")
  func values() {
    for value in [LoamSettings.Value.entropy, .margin, .leastConfidence, .aift(.init(alpha: nil))] {
      let settings = LoamSettings(value: value, spread: .none, duplicateCosine: nil)
      #expect(choose(.loam(settings), from: fan(), count: 9, seed: 1) == Array(0..<9))
    }
  }

  @Test("takes the best of each direction, whichever way it spreads", arguments: 1...10)
  func spread(seed: Int) {
    let clusters = LoamSettings(shortlist: 3, spread: .clusters, duplicateCosine: nil)
    let chosen = choose(.loam(clusters), from: fan(), count: 4, seed: UInt64(seed))
    #expect(chosen.first == 0 && chosen == chosen.sorted())
    #expect(Set(chosen).isSuperset(of: [0, 3]))
    let centres = LoamSettings(shortlist: 3, spread: .centres, duplicateCosine: nil)
    let far = choose(.loam(centres), from: fan(), count: 4, seed: UInt64(seed))
    #expect(far.first == 0 && [5, 6].contains(far[1]))
    #expect(Set(far.map { [0, 0, 0, 1, 1, 2, 2, 3, 3][$0] }) == [0, 1, 2, 3])
  }

  @Test("does not look past its shortlist")
  func shortlist() {
    for spread in [LoamSettings.Spread.clusters, .centres] {
      let settings = LoamSettings(shortlist: 2, spread: spread, duplicateCosine: nil)
      #expect(choose(.loam(settings), from: fan(), count: 2, seed: 1).allSatisfy { $0 < 4 })
      let all = LoamSettings(shortlist: .max, spread: spread, duplicateCosine: nil)
      #expect(choose(.loam(all), from: fan(), count: 3, seed: 1).count == 3)
    }
  }

  @Test("passes over what looks like a chosen or labelled one while others are left")
  func duplicates() {
    let settings = LoamSettings(value: .margin, spread: .none, duplicateCosine: 0.9)
    #expect(choose(.loam(settings), from: fan(), count: 4, seed: 1) == [0, 3, 5, 7])
    #expect(choose(.loam(settings), from: fan(), count: 6, seed: 1) == [0, 3, 5, 7, 1, 2])
    // What is like the labelled 0 comes last.
    let state = fan(labelled: [0])
    var later = settings
    later.start = 0
    #expect(choose(.loam(later), from: state, count: 5, seed: 1) == [3, 5, 7, 1, 2])
  }

  @Test("keeps its settings in JSON")
  func codable() throws {
    let settings = LoamSettings(
      value: .aift(.init(lambda2: 0.5)), shortlist: 7, spread: .centres, duplicateCosine: nil)
    let data = try JSONEncoder().encode(settings)
    #expect(try JSONDecoder().decode(LoamSettings.self, from: data) == settings)
  }
}

@Suite("Near duplicates")
struct NearDuplicateTests {
  @Test("a chain of like pictures is one group, in the order of the candidates")
  func chains() {
    // Angles of 0, 20, 40 and 60 degrees, and their opposites, so that standardising moves nothing much.
    let half: [Float] = [1, 0, 0.94, 0.342, 0.766, 0.643, 0.5, 0.866]
    let affinity = Affinity(FeatureTable(dimension: 2, values: half + half.map { -$0 }))
    let groups = { (cosine: Float) in
      nearDuplicateGroups(of: Array(0..<8), in: affinity, cosine: cosine)
    }
    let neighbours = (0..<3).map { affinity.cosine($0, $0 + 1) }
    let least = neighbours.reduce(1) { min($0, $1) }
    #expect(affinity.cosine(0, 3) < least)
    #expect(groups(least - 1e-3) == [[0, 1, 2, 3], [4, 5, 6, 7]])
    #expect(groups(0.9999) == (0..<8).map { [$0] })
    #expect(groups(-1) == [Array(0..<8)])
  }

  @Test("only the candidates named count")
  func some() {
    let affinity = Affinity(
      FeatureTable(dimension: 1, values: [1, 1, -1, -1]))
    #expect(nearDuplicateGroups(of: [3, 0, 2], in: affinity, cosine: 0.9) == [[3, 2], [0]])
    #expect(nearDuplicateGroups(of: [], in: affinity, cosine: 0.9) == [])
  }

  @Test("pictures that never differ have no direction and are not alike")
  func constant() {
    let affinity = Affinity(FeatureTable(dimension: 2, values: [3, 3, 3, 3, 3, 3]))
    #expect(nearDuplicateGroups(of: [0, 1, 2], in: affinity, cosine: 0.5) == [[0], [1], [2]])
  }
}
