import ActiveLearning
import DeviceRuntime
import Simulation
import Testing
import Training

@Suite("Simulation pool")
struct SimulationPoolTests {
  @Test("one label covers a group, with the patches of all its photos")
  func groups() throws {
    let pool = try Clouds.pool(groups: 5)
    #expect(pool.candidates.count == 36)
    #expect(pool.candidates.allSatisfy { $0.photos.count == 5 && $0.sample.patches == 10 })
    #expect(pool.candidates.allSatisfy { $0.sample.features.count == 10 * Clouds.dimension })
    #expect(pool.test.labels.count == 90)
    #expect(pool.affinity.count == 36)
  }

  @Test("a group takes the label that most of its photos have")
  func majority() throws {
    var photos = Clouds.features(photosInGroup: 5).photos
    photos[0].photo.label = "class2"
    let features = PhotoFeatures(photos: photos, patchCount: 2, featureCount: Clouds.dimension)
    let pool = try SimulationPool(features, source: "clouds", groups: true)
    #expect(pool.candidates[0].sample.label == 0)
  }

  @Test("the common classes get their share, with no more taken away than that needs")
  func imbalance() throws {
    let imbalance = try #require(Imbalance("80:20"))
    let pool = try Clouds.pool(classes: 2, keep: { imbalance.kept($0, classes: $1) })
    let labels = pool.candidates.map(\.sample.label)
    #expect(labels.count { $0 == 0 } == 60)
    #expect(labels.count { $0 == 1 } == 15)
    #expect(pool.test.labels.count { $0 == 1 } == 30)
    #expect(Imbalance("80:30") == nil)
    #expect(Imbalance("80") == nil)
    #expect(Imbalance("100:0") == nil)
    #expect(Imbalance("80:20:0") == nil)
  }

  @Test("rounds grow with the labels and end at the budget or the pool")
  func rounds() {
    #expect(
      Rounds(batch: 10, growth: 0.25, budget: 75).labels(candidates: 900) == [
        10, 20, 30, 40, 50, 62, 75,
      ])
    #expect(Rounds(batch: 10, growth: 0, budget: 100).labels(candidates: 25) == [10, 20, 25])
    #expect(Rounds(batch: 10, growth: 0, budget: 4).labels(candidates: 25) == [4])
  }

  @Test("too few photos to learn from are refused by name")
  func tooFew() {
    let few = PhotoFeatures(
      photos: Array(Clouds.features().photos.prefix(5)), patchCount: 2,
      featureCount: Clouds.dimension)
    #expect(throws: LabelledPhotosError.self) {
      _ = try SimulationPool(few, source: "clouds", groups: false)
    }
  }
}
