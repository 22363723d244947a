import Simulation
import Testing

@Suite("Learning curves")
struct LearningCurveTests {
  @Test("mean and standard error are those worked out by hand")
  func sample() {
    // Deviations −2, −1, 0, 1, 2: variance 10 / 4, error √(2.5 / 5).
    let sample = Sample([1, 2, 3, 4, 5])
    #expect(sample.mean == 3)
    #expect(abs(sample.standardError - 0.7071067811865476) < 1e-15)
    #expect(abs(sample.interval.lowerBound - (3 - 2.7764 * 0.7071067811865476)) < 1e-12)
    #expect(abs(sample.interval.upperBound - (3 + 2.7764 * 0.7071067811865476)) < 1e-12)
  }

  @Test("a single value has no error and no interval around it")
  func single() {
    let sample = Sample([0.5])
    #expect(sample.standardError == 0 && sample.interval == 0.5...0.5)
  }

  @Test(
    "Student's quantile is the tabulated one",
    arguments: [(1, 12.706), (9, 2.262), (11, 2.201), (19, 2.093), (30, 2.042), (120, 1.980)])
  func quantile(degrees: Int, expected: Double) {
    #expect(abs(studentQuantile(degreesOfFreedom: degrees) - expected) < 0.0006)
  }

  @Test("the area counts each doubling of the labels the same")
  func areas() {
    // Over 10, 20, 80: widths 1 and 2 doublings. (0.6 × 1 + 0.8 × 2) / 3.
    #expect(abs(area(under: [0.5, 0.7, 0.9], over: [10, 20, 80]) - 2.2 / 3) < 1e-12)
    #expect(abs(area(under: [0.8, 0.8, 0.8], over: [7, 30, 500]) - 0.8) < 1e-12)
    #expect(area(under: [0.4], over: [10]) == 0.4)
  }

  @Test("labels needed are interpolated on a logarithmic scale")
  func needed() throws {
    let curve = LearningCurve(labels: [10, 40, 160], runs: [[0.4, 0.6, 0.7], [0.6, 0.8, 0.9]])
    // The mean is 0.5, 0.7, 0.8: 0.6 is half-way from 10 to 40, √400 labels; 0.775 three quarters
    // of the way from 40 to 160, 40 × 4^0.75.
    #expect(abs(try #require(curve.labelsNeeded(toReach: 0.6)) - 20) < 1e-9)
    let late = try #require(curve.labelsNeeded(toReach: 0.775))
    #expect(abs(late - 113.13708498984761) < 1e-9)
    #expect(curve.labelsNeeded(toReach: 0.3) == 10)
    #expect(abs(try #require(curve.labelsNeeded(toReach: 0.8)) - 160) < 1e-9)
    #expect(curve.labelsNeeded(toReach: 0.81) == nil)
  }

  @Test("a dip after a level was reached does not take it back")
  func dip() throws {
    let curve = LearningCurve(labels: [10, 20, 40, 80], runs: [[0.5, 0.7, 0.6, 0.9]])
    // From 20 labels with 0.7 onwards (not 40 with 0.6): 0.8 is half-way from 0.7 to 0.9, and the
    // steps around it are 40 and 80.
    let needed = try #require(curve.labelsNeeded(toReach: 0.8))
    #expect(abs(needed - 56.568542494923804) < 1e-9)
    #expect(curve.labelsNeeded(toReach: 0.7) == 20)
  }

  @Test("rounding in the mean does not hide that the target is met")
  func rounding() {
    let curve = LearningCurve(labels: [5, 9], runs: [[0.1, 0.3], [0.1, 0.3], [0.1, 0.3]])
    #expect(curve.labelsNeeded(toReach: 0.1 + 0.2) != nil)
  }
}
