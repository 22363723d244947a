import Tensors

/// A rule that says which candidates are asked next.
package enum Strategy: Hashable, Sendable {
  /// Any, each equally likely: what the others are measured against.
  case random
  /// The best by the published criteria, drawn from the ω × count best if `randomisation` ω > 1.
  ///
  /// - Source: Zhou et al., CVPR 2017 (entropy, diversity, majority); Medical Image Analysis 71,
  ///   2021 (randomised selection).
  case criterion(CriterionSettings, randomisation: Int)
  /// The lowest probability of the most probable class.
  ///
  /// - Source: Lewis, Gale, "A sequential algorithm for training text classifiers", SIGIR 1994.
  case leastConfidence
  /// The smallest lead of the most probable class over the second.
  ///
  /// - Source: Scheffer, Decomain, Wrobel, "Active hidden Markov models for information
  ///   extraction", IDA 2001.
  case margin
  /// The most that one answer tells about how the patches vote: H(mean) − mean H.
  ///
  /// - Source: Houlsby et al., "Bayesian active learning for classification and preference
  ///   learning", 2011, arXiv 1112.5745; patches take the place of draws of the weights.
  case bald
  /// Far apart by what an answer would change in a linear head.
  ///
  /// - Source: Ash et al., "Deep batch active learning by diverse, uncertain gradient lower bounds",
  ///   ICLR 2020.
  case badge
  /// Always the one farthest from all that have a label or were chosen.
  ///
  /// - Source: Sener, Savarese, "Active learning for convolutional neural networks: a core-set
  ///   approach", ICLR 2018 (the greedy k-centre).
  case coreSet
  /// The most typical of each large group that has no label.
  ///
  /// - Source: Hacohen, Dekel, Weinshall, "Active learning on a budget: opposite strategies suit
  ///   high and low budgets", ICML 2022.
  case typiClust
  /// Always the one whose neighbourhood covers most that no label's covers.
  ///
  /// - Source: Yehuda et al., "Active learning through a covering lens", NeurIPS 2022.
  case probCover
  /// Loam's own: typical candidates first, then the unsure ones that are far apart.
  case loam(LoamSettings)

  /// What it ranks candidates by, one by one, if it does.
  package var value: LoamSettings.Value? {
    switch self {
    case .loam(let settings): settings.value
    case .criterion(let settings, _): .aift(settings)
    case .margin: .margin
    case .leastConfidence: .leastConfidence
    case .random, .bald, .badge, .coreSet, .typiClust, .probCover: nil
    }
  }

  /// Whether it has nothing to go by before a head has learned something, and then asks at random.
  package var needsPredictions: Bool {
    switch self {
    case .criterion, .leastConfidence, .margin, .bald, .badge: true
    case .random, .coreSet, .typiClust, .probCover, .loam: false
    }
  }
}

/// The candidates to ask next, best first: `count` different ones of `state.unlabelled`, or all if
/// there are fewer.
///
/// Of candidates worth the same the lower comes first. The same state and seed give the same choice.
///
/// - Complexity: at most O(n²) a pass of clustering; n is all candidates, labelled or not.
package func choose(
  _ strategy: Strategy, from state: SelectionState, count: Int, seed: UInt64
) -> [Int] {
  let count = max(0, min(count, state.unlabelled.count))
  guard count > 0 else { return [] }
  guard state.hasPredictions || !strategy.needsPredictions else {
    return chooseRandom(state, count, seed)
  }
  switch strategy {
  case .random: return chooseRandom(state, count, seed)
  case .criterion(let settings, let randomisation):
    let batching = BatchSettings(randomisation: randomisation)
    return chooseBest(state, state.scores(settings), count, batching, seed)
  case .leastConfidence: return chooseBest(state, state.lacksOfConfidence(), count)
  case .margin: return chooseBest(state, state.lacksOfMargin(), count)
  case .bald: return chooseBest(state, state.informations(), count)
  case .badge: return chooseBadge(state, count, seed)
  case .coreSet: return chooseCoreSet(state, count, seed)
  case .typiClust:
    let groups = state.labelled.count + count
    return Array(typicalOrder(state, groups: groups, seed).prefix(count))
  case .probCover: return chooseCover(state, count, seed)
  case .loam(let settings): return chooseLoam(settings, state, count, seed)
  }
}

/// `count` of the unlabelled, each equally likely.
func chooseRandom(_ state: SelectionState, _ count: Int, _ seed: UInt64) -> [Int] {
  var random = SeededRandom(seed: seed)
  var candidates = state.unlabelled
  random.shuffle(&candidates)
  return Array(candidates.prefix(count))
}

/// The `count` unlabelled of the highest values.
private func chooseBest(
  _ state: SelectionState, _ values: [Double], _ count: Int, _ settings: BatchSettings = .init(),
  _ seed: UInt64 = 0
) -> [Int] {
  selectBatch(scores: values, count: count, settings: settings, seed: seed)
    .map { state.unlabelled[$0] }
}
