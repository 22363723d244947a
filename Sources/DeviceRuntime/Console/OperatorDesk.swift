package import ActiveLearning

/// What the console needs from the device: the question on the desk, and where the answers go.
///
/// The device implements it. The console calls it only from within `ConsoleLoop.poll` (or
/// `ConsoleSession.receive` and `refresh`), hence on the one thread that drives the console, and
/// never twice at a time: a `poll` made by the desk while it is being asked only sends output.
///
/// What a method returns or throws is shown to the operator after being made safe to print; a thrown
/// error is shown by its description, which should end with the next step.
package protocol OperatorDesk: AnyObject {
  /// The question the operator should see now, or `nil` when nothing waits for a label.
  ///
  /// Asked at each poll, so it must be cheap. It should stay the same until it is answered: when the
  /// candidate changes, the console announces the new one and takes no answer to it until then.
  var question: OperatorQuestion? { get }

  /// Names of all classes in the model's order; new ones come last, so that keys stay.
  var classNames: [String] { get }

  /// One line on how things stand, as in `40 photos, 39 wait, 12 labels, model 3 (81 % right)`.
  var statusLine: String { get }

  /// Keeps the answer to `candidate`, which was shown to the operator but need no longer be first.
  ///
  /// Returns only when the answer is durable. The console then prints
  /// `labelled #12 as defective (kept)` itself.
  ///
  /// - Returns: what else to say on that line, as in `8 more until the next round`; may be empty.
  /// - Throws: when nothing was kept; the question stays on the screen.
  func answer(candidate: Int64, _ answer: OperatorAnswer) throws -> String

  /// Takes back the latest answer not yet taken back.
  ///
  /// - Returns: what was undone, as in `#12 is no longer labelled defective`.
  /// - Throws: when there is nothing to undo or it could not be made durable.
  func undo() throws -> String

  /// Takes back the answer that stands for `candidate`, durably, and asks about it next.
  ///
  /// - Returns: what was taken back, in a sentence.
  /// - Throws: when it has no answer; then all is as it was.
  func askAgain(candidate: Int64) throws -> String

  /// Adds the next best of the backlog to the queue, whatever the rate and the stop rules say.
  ///
  /// - Returns: what was added, in a sentence.
  /// - Throws: when the queue is as it was.
  func more() throws -> String

  /// Adds a class at the end of `classNames`, durably. The console has asked the operator twice.
  func addClass(_ name: String) throws

  /// The `limit` first candidates of the queue, best first, the shown one included.
  func queue(limit: Int) throws -> [OperatorQueueEntry]

  /// All that is known of why `candidate` is asked.
  ///
  /// - Throws: when it cannot be read.
  func why(candidate: Int64) throws -> QuestionWhy

  /// A picture of `candidate` as text, rows ended by LF or CR LF.
  ///
  /// - Throws: when the photo cannot be read.
  func preview(candidate: Int64, _ request: PreviewRequest) throws -> String

  // What follows need not be implemented: a desk that cannot do it says so.

  /// How learning has gone so far.
  func progress() throws -> OperatorProgress

  /// All models, oldest first.
  func models() throws -> [OperatorModel]

  /// Makes the model with `number` the active one, durably, and scores the pool by it. The console has
  /// asked the operator twice.
  ///
  /// - Returns: what was done, in a sentence.
  /// - Throws: when the active model is as it was, because the model is not at hand for one.
  func activate(model number: Int64) throws -> String

  /// Sets the wall clock to `unixMilliseconds`; times from now on are trusted.
  ///
  /// - Returns: how it was set, in a sentence.
  func setDate(unixMilliseconds: Int64) throws -> String

  /// Takes a photo now, as the shutter does. It need not be judged yet when this returns.
  ///
  /// - Returns: what was done, in a sentence.
  func trigger() throws -> String

  /// Writes a bundle with the active model on the device's own disk.
  ///
  /// - Returns: where it is, in a sentence.
  func exportBundle() throws -> String

  /// Writes a bundle to be sent over this line, as files; their paths.
  func bundleForSending() throws -> [String]

  /// Notes that `paths`, which `bundleForSending` gave, have arrived at the other end.
  func bundleWasSent(_ paths: [String]) throws

  /// Notes that `paths`, which `bundleForSending` gave, did not arrive: whatever was made to be sent may go.
  func bundleWasNotSent(_ paths: [String])

  /// The best photo of `candidate` as a JPEG of at most `byteLimit` bytes.
  func thumbnail(candidate: Int64, byteLimit: Int) throws -> [UInt8]
}

/// What a desk says that cannot do something.
struct DeskCannot: Error, CustomStringConvertible {
  let description: String
}

extension OperatorDesk {
  package func progress() throws -> OperatorProgress {
    throw DeskCannot(description: "this device keeps no record of its learning")
  }

  package func models() throws -> [OperatorModel] {
    throw DeskCannot(description: "this device keeps no list of models")
  }

  package func activate(model number: Int64) throws -> String {
    throw DeskCannot(description: "this device has one model only")
  }

  package func setDate(unixMilliseconds: Int64) throws -> String {
    throw DeskCannot(description: "this device's clock cannot be set from here")
  }

  package func trigger() throws -> String {
    throw DeskCannot(
      description: "this device has no camera with a trigger; photos come by themselves")
  }

  package func exportBundle() throws -> String {
    throw DeskCannot(description: "this device makes no bundles; run `loam export` on it")
  }

  package func bundleForSending() throws -> [String] {
    throw DeskCannot(description: "this device makes no bundles; run `loam export` on it")
  }

  package func bundleWasSent(_ paths: [String]) throws {}
  package func bundleWasNotSent(_ paths: [String]) {}

  package func thumbnail(candidate: Int64, byteLimit: Int) throws -> [UInt8] {
    throw DeskCannot(description: "this device sends no photos")
  }
}

/// An operator's answer to a question.
package enum OperatorAnswer: Hashable, Sendable {
  /// The candidate is of the named class, spelt as in `OperatorDesk.classNames`.
  case label(String)
  /// Ask again later.
  case skip
  /// The operator has looked and cannot tell.
  case unsure
}

/// A candidate as it is put to the operator.
package struct OperatorQuestion: Hashable, Sendable {
  /// The candidate's number, which every answer names.
  package var candidate: Int64
  /// File name of its best photo, without folders.
  package var photoName: String
  /// How many photos the candidate has; its one label goes to all of them.
  package var photoCount: Int
  /// What the network takes it for: all classes it knows, most probable first; the console shows
  /// three.
  package var guesses: [ClassGuess]
  /// Why a label for this candidate is worth the operator's time.
  package var reason: QuestionReason
  /// How many candidates wait behind this one.
  package var waiting: Int

  /// A question about `candidate`.
  package init(
    candidate: Int64, photoName: String, photoCount: Int = 1, guesses: [ClassGuess],
    reason: QuestionReason, waiting: Int
  ) {
    self.candidate = candidate
    self.photoName = photoName
    self.photoCount = photoCount
    self.guesses = guesses
    self.reason = reason
    self.waiting = waiting
  }
}

/// A class and how probable the network holds it.
package struct ClassGuess: Hashable, Sendable {
  /// The class's name.
  package var className: String
  /// In 0...1.
  package var probability: Double

  /// A guess.
  package init(_ className: String, _ probability: Double) {
    self.className = className
    self.probability = probability
  }
}

/// Why a candidate is asked about: the figures that chose it, put into words by the console.
package struct QuestionReason: Hashable, Sendable {
  /// Mean entropy of the kept patches in nats, or `nil` when scores mean nothing yet.
  package var entropy: Double?
  /// Mean pairwise divergence of the kept patches, or `nil`.
  package var diversity: Double?
  /// For each class that won a patch: its name and how many patches it won.
  package var votes: [ClassVote]
  /// Place in the queue by score, from 1; `nil` when not ranked.
  package var rank: Int?
  /// How many candidates were ranked.
  package var ranked: Int
  /// In words, instead of or besides the figures: `typical of the photos seen so far`.
  package var note: String?

  /// A reason; leave out what is not known.
  package init(
    entropy: Double? = nil, diversity: Double? = nil, votes: [ClassVote] = [], rank: Int? = nil,
    ranked: Int = 0, note: String? = nil
  ) {
    self.entropy = entropy
    self.diversity = diversity
    self.votes = votes
    self.rank = rank
    self.ranked = ranked
    self.note = note
  }
}

/// How many patches of a candidate a class won.
package struct ClassVote: Hashable, Sendable {
  /// The class's name.
  package var className: String
  /// At least 1.
  package var patches: Int

  /// `patches` votes for `className`.
  package init(_ className: String, _ patches: Int) {
    self.className = className
    self.patches = patches
  }
}

/// One line of the list of waiting candidates.
package struct OperatorQueueEntry: Hashable, Sendable {
  /// The candidate's number.
  package var candidate: Int64
  /// File name of its best photo.
  package var photoName: String
  /// The most probable class, or `nil` before the first scoring.
  package var guess: ClassGuess?
  /// What it is ranked by, or `nil` when not scored.
  package var score: Double?

  /// An entry of the queue.
  package init(candidate: Int64, photoName: String, guess: ClassGuess?, score: Double?) {
    self.candidate = candidate
    self.photoName = photoName
    self.guess = guess
    self.score = score
  }
}

/// How a preview is to be drawn so that the line carries it in about two seconds.
package struct PreviewRequest: Hashable, Sendable {
  /// What the characters of a preview are.
  package enum Style: Hashable, Sendable {
    /// Printable ASCII, darker to lighter.
    case ascii
    /// Upper half blocks with ANSI colours of the palette of 256: two pixels a character.
    case halfBlocks
    /// The same in 24-bit colours.
    case trueColour
    /// One sixel picture, `ESC P` to `ESC \\`, 8 pixels a column.
    case sixel
  }

  /// Width in characters.
  package var columns: Int
  /// Characters to draw with.
  package var style: Style
  /// What the line carries in time; rows beyond it are not sent.
  package var byteBudget: Int

  /// A request for a picture of `columns` characters in at most `byteBudget` bytes.
  package init(columns: Int, style: Style, byteBudget: Int) {
    self.columns = columns
    self.style = style
    self.byteBudget = byteBudget
  }
}
