/// How the classifier is trained on stored features.
package struct FineTuneSettings: Hashable, Sendable, Codable {
  /// Passes over the samples, at least 1; more are made where `minimumSteps` asks for it.
  package var epochs: Int
  /// Steps a fine-tune makes at least: few labels make few steps a pass.
  package var minimumSteps: Int
  /// Rate of the first step for 1,280 features; longer features take it down in proportion. It falls
  /// in a straight line to 0 at the last step.
  package var learningRate: Float
  /// Share of the last step's velocity kept, 0 ..< 1.
  package var momentum: Float
  /// λ of the penalty λ/2 ‖W‖² beside the sum of the candidates' losses, weights in standardised
  /// space, for 1,280 features; fewer features, of which each has to say more, take it down in
  /// proportion, more up. 1 / λ is the `C` of a logistic regression. A step decays by λ / candidates.
  package var weightDecay: Float
  /// Patches in a step.
  package var batchSize: Int
  /// Decides the order of the patches.
  package var seed: UInt64
  /// Old labels the current head gives less probability than this, or gets wrong, are trained on
  /// again; 1 replays all of them, 0 only the wrong ones. What is left out is forgotten by degrees:
  /// on solar cells (6 seeds, 12 rounds of 12) 0.9 gave 80.5 % on average, 0.98 and 1 both 82.3 %.
  package var replayConfidence: Float
  /// Bytes a fine-tune may take, features included; replay is cut to fit.
  package var byteBudget: Int

  /// Settings of a fine-tune; the defaults are those of the device.
  package init(
    epochs: Int = 10, minimumSteps: Int = 300, learningRate: Float = 0.01, momentum: Float = 0.9,
    weightDecay: Float = 200, batchSize: Int = 32, seed: UInt64 = 0, replayConfidence: Float = 0.98,
    byteBudget: Int = 64 << 20
  ) {
    self.epochs = epochs
    self.minimumSteps = minimumSteps
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.batchSize = batchSize
    self.seed = seed
    self.replayConfidence = replayConfidence
    self.byteBudget = byteBudget
  }

  /// What is wrong with these settings in a sentence that names the value, or `nil` if nothing is.
  package var problem: String? {
    if epochs < 1 { return "epochs is \(epochs); at least 1 pass is needed" }
    if minimumSteps < 0 { return "minimumSteps is \(minimumSteps); give at least 0" }
    if batchSize < 1 { return "batchSize is \(batchSize); at least 1 patch a step is needed" }
    if !(learningRate > 0 && learningRate.isFinite) {
      return "learningRate is \(learningRate); give a finite number above 0"
    }
    if !(momentum >= 0 && momentum < 1) {
      return "momentum is \(momentum); give a number of at least 0, below 1"
    }
    if !(weightDecay >= 0 && weightDecay.isFinite) {
      return "weightDecay is \(weightDecay); give a finite number of at least 0"
    }
    if !(replayConfidence >= 0 && replayConfidence <= 1) {
      return "replayConfidence is \(replayConfidence); give a probability, 0 to 1"
    }
    return nil
  }

  /// λ for features of `featureCount` numbers.
  func penalty(featureCount: Int) -> Float { weightDecay * Float(featureCount) / 1280 }

  /// The rate of the first step for features of `featureCount` numbers.
  func firstRate(featureCount: Int) -> Float {
    learningRate * 1280 / Float(max(featureCount, 1280))
  }
}
