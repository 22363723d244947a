import ActiveLearning
import Foundation
import Testing

@Suite("Confident learning")
struct NoiseEstimateTests {
  @Test("finds the one label that all others speak against, and counts by hand")
  func byHand() {
    // Thresholds: class 0 (0.9 + 0.8 + 0.1) / 3 = 0.6, class 1 (0.7 + 0.9) / 2 = 0.8.
    let probabilities: [[Double]] = [
      [0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.3, 0.7], [0.1, 0.9],
    ]
    let estimate = suspects(labels: [0, 0, 0, 1, 1], probabilities: probabilities, classes: 2)
    #expect(estimate.confidentJoint == [[2, 1], [0, 1]])
    #expect(estimate.suspects.map(\.index) == [2])
    #expect(estimate.suspects[0].given == 0 && estimate.suspects[0].suggested == 1)
    #expect(estimate.suspects[0].probability == 0.1)
    #expect(abs(estimate.suspects[0].margin + 0.8) < 1e-12)
    // A third of the three labels of class 0.
    #expect(abs(estimate.noiseShare - 1.0 / 5) < 1e-12)
  }

  @Test("suspects nothing where the model agrees, and takes a class without labels for no one's")
  func agreement() {
    let probabilities: [[Double]] = [[0.7, 0.1, 0.2], [0.8, 0.1, 0.1], [0.1, 0.6, 0.3]]
    let estimate = suspects(labels: [0, 0, 1], probabilities: probabilities, classes: 3)
    #expect(estimate.suspects.isEmpty && estimate.noiseShare == 0)
    #expect(estimate.confidentJoint[2] == [0, 0, 0])
    #expect(estimate.confidentJoint.allSatisfy { $0[2] == 0 })
  }

  @Test("lets a label pass whose class is the most probable, though below its threshold")
  func belowThreshold() {
    // Class 0 needs 0.8, class 1 only 0.4: the second label reaches class 1's threshold alone.
    let probabilities: [[Double]] = [[0.96, 0.04], [0.58, 0.42], [0.86, 0.14], [0.6, 0.4]]
    let estimate = suspects(labels: [0, 0, 0, 1], probabilities: probabilities, classes: 2)
    #expect(estimate.confidentJoint[0][1] == 1)
    #expect(estimate.suspects.isEmpty)
  }

  @Test("ranks by margin, and of equals the earlier first")
  func ranking() {
    let sure: [[Double]] = Array(repeating: [0.95, 0.05], count: 8)
    let other: [[Double]] = Array(repeating: [0.05, 0.95], count: 8)
    let wrong: [[Double]] = [[0.04, 0.96], [0.02, 0.98], [0.04, 0.96]]
    let labels = Array(repeating: 0, count: 8) + Array(repeating: 1, count: 8) + [0, 0, 0]
    let estimate = suspects(labels: labels, probabilities: sure + other + wrong, classes: 2)
    #expect(estimate.suspects.map(\.index) == [17, 16, 18])
  }

  @Test("says nothing of no labels")
  func empty() {
    let estimate = suspects(labels: [], probabilities: [], classes: 2)
    #expect(estimate.noiseShare == 0 && estimate.suspects.isEmpty)
    #expect(estimate.confidentJoint == [[0, 0], [0, 0]])
  }

  /// What `Tests/Golden/make_noise_golden.py` writes.
  private struct Golden: Codable {
    struct Case: Codable {
      var classes: Int
      var labels: [Int]
      var probabilities: [[Double]]
      var joint: [[Int]]
      var noiseShare: Double
      var suspects: [Int]
    }
    var cases: [Case]
  }

  @Test("gives the joint, the noise and the suspects that cleanlab gives")
  func golden() throws {
    let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
    let path = folder.joined(separator: "/") + "/Golden/label_noise.json"
    let data = try Data(contentsOf: URL(filePath: path))
    let golden = try JSONDecoder().decode(Golden.self, from: data)
    #expect(golden.cases.count == 4)
    for expected in golden.cases {
      let estimate = suspects(
        labels: expected.labels, probabilities: expected.probabilities, classes: expected.classes)
      #expect(estimate.confidentJoint == expected.joint, "the diagonals are all above 0")
      // cleanlab rounds each row to whole labels.
      let rounding = Double(expected.classes) / Double(expected.labels.count)
      #expect(abs(estimate.noiseShare - expected.noiseShare) < rounding)
      #expect(Set(estimate.suspects.map(\.index)) == Set(expected.suspects))
      let margin = Dictionary(
        uniqueKeysWithValues: estimate.suspects.map { ($0.index, $0.margin) })
      let ranked = expected.suspects.compactMap { margin[$0] }
      #expect(ranked == ranked.sorted() && ranked.count == expected.suspects.count)
      #expect(estimate.suspects.map(\.margin) == ranked)
    }
  }
}
