import Tensors

/// Which candidates are kept apart to measure accuracy on, and when they are asked about.
///
/// A candidate is marked when it arrives, by a draw that looks at nothing but its identity, so that
/// the marked ones are a fair sample of what the camera sees, whatever a model thinks of them. They
/// are never chosen by score and never learned from; their labels hold the gate and say how often the
/// model is right. Labels of candidates that a score chose cannot say that: those are the hard ones.
package struct AuditRule: Hashable, Sendable {
  /// Share of the candidates that are marked, and of the questions that go to them; 0...0.5.
  package var share: Double
  /// Decides which candidates are marked and in which order they are asked about.
  package var seed: UInt64

  /// Parts the draws of this rule from those that cut patches for the same seed and candidate.
  private static let purpose: UInt64 = 0x6175_6469_7400

  /// A rule for `share` of the candidates; 0 marks none.
  package init(share: Double, seed: UInt64) {
    precondition((0...0.5).contains(share), "an audit share of \(share) is not in 0...0.5")
    self.share = share
    self.seed = seed
  }

  /// Whether the candidate with this `identity` (of its first photo's hash) is marked.
  package func marks(identity: UInt64) -> Bool {
    var random = SeededRandom(seed: seed ^ Self.purpose, stream: identity)
    return random.unit() < share
  }

  /// Questions among the next `batch` that go to marked candidates, given that `answered` questions
  /// have been answered and `audited` of them were such.
  ///
  /// Of the first n questions ⌊n × share⌋ are audits. A sample that fell behind, for lack of marked
  /// candidates, is caught up with at twice the pace, not all at once.
  package func questions(answered: Int, audited: Int, batch: Int) -> Int {
    let due = { (questions: Double) in Int((questions * share + 1e-9).rounded(.down)) }
    let missing = due(Double(answered + batch)) - audited
    let most = max(1, due(2 * Double(batch)))
    return share > 0 ? max(0, min(missing, most, batch)) : 0
  }

  /// `count` of the marked candidates that wait, each as likely as any other; in the order drawn.
  ///
  /// `answered` is how many questions were answered so far: it makes each batch a draw of its own.
  package func draw(_ count: Int, of waiting: [Int64], answered: Int) -> [Int64] {
    var random = SeededRandom(seed: seed ^ Self.purpose, stream: UInt64(answered))
    var order = waiting
    random.shuffle(&order)
    return Array(order.prefix(max(0, count)))
  }
}
