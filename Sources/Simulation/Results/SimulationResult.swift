/// What `loam simulate` found on one data set; as JSON with snake_case keys, `--json` prints it.
package struct SimulationResult: Codable, Hashable, Sendable {
  /// What a person calls the data: its folder or table.
  package var data: String
  /// The model whose features were used.
  package var model: String
  package var classes: [String]
  /// Candidates in the pool, each worth one label.
  package var candidates: Int
  /// Photos in the pool; more than candidates where a label covers a group.
  package var photos: Int
  package var testPhotos: Int
  /// Whether one label covers a whole group.
  package var groups: Bool
  /// Share of the test photos that a head trained on the whole pool gets right, 0...1.
  package var fullAccuracy: Double
  package var seeds: Int
  /// Labels at which a curve ends.
  package var budget: Int
  /// Labels of the first rounds.
  package var batch: Int
  /// By how much the batch grows as labels come in: the next batch is at least labels × growth.
  package var growth: Double
  /// What learned from the labels, in words.
  package var learner: String
  /// Patches of a photo; `nil` in results of before it could be chosen, when there were 8.
  package var patches: Int?
  /// Which mirrored views were allowed, in words.
  package var flips: String
  /// Share of the answers that were given wrongly on purpose, 0...1.
  package var labelNoise: Double
  /// How the classes were thinned out, in words; `nil` if they were not.
  package var imbalance: String?
  package var strategies: [StrategyResult]
  /// Wall-clock time of everything.
  package var seconds: Double

  /// A result without strategies yet; they are added by assigning `strategies` and `seconds`.
  package init(
    data: String, model: String, classes: [String], candidates: Int, photos: Int, testPhotos: Int,
    groups: Bool, fullAccuracy: Double, seeds: Int, budget: Int, batch: Int, growth: Double = 0,
    learner: String, patches: Int? = nil, flips: String = "none", labelNoise: Double = 0,
    imbalance: String? = nil,
    strategies: [StrategyResult] = [], seconds: Double = 0
  ) {
    self.data = data
    self.model = model
    self.classes = classes
    self.candidates = candidates
    self.photos = photos
    self.testPhotos = testPhotos
    self.groups = groups
    self.fullAccuracy = fullAccuracy
    self.seeds = seeds
    self.budget = budget
    self.batch = batch
    self.growth = growth
    self.learner = learner
    self.patches = patches
    self.flips = flips
    self.labelNoise = labelNoise
    self.imbalance = imbalance
    self.strategies = strategies
    self.seconds = seconds
  }

  private enum CodingKeys: String, CodingKey {
    case data, model, classes, candidates, photos, groups, seeds, budget, batch, growth, learner
    case patches, flips, imbalance, strategies, seconds
    case testPhotos = "test_photos"
    case fullAccuracy = "full_accuracy"
    case labelNoise = "label_noise"
  }
}
