import ActiveLearning

@testable import DeviceRuntime

/// A desk in memory: questions in a row, every call recorded.
final class FakeDesk: OperatorDesk {
  /// A failure the desk was told to make.
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  var queueOfQuestions: [OperatorQuestion]
  var classNames: [String]
  var statusLine = "40 photos, 3 wait, 0 labels, model 1"
  /// Thrown by the next call that changes something.
  var failure: Failure?
  /// What else a kept answer says.
  var remark = ""
  /// Called while the desk is being asked.
  var duringAnswer: () -> Void = {}
  var picture = "@@..\n..@@\n"

  private(set) var answers: [(candidate: Int64, answer: OperatorAnswer)] = []
  private(set) var undoCount = 0
  private(set) var moreCount = 0
  private(set) var added: [String] = []
  private(set) var requests: [PreviewRequest] = []
  private var answered: [OperatorQuestion] = []

  init(questions: [OperatorQuestion], classes: [String] = ["defective", "functional"]) {
    queueOfQuestions = questions
    classNames = classes
  }

  var question: OperatorQuestion? { queueOfQuestions.first }

  private func fail() throws {
    defer { failure = nil }
    if let failure { throw failure }
  }

  func answer(candidate: Int64, _ answer: OperatorAnswer) throws -> String {
    duringAnswer()
    try fail()
    answers.append((candidate, answer))
    if let index = queueOfQuestions.firstIndex(where: { $0.candidate == candidate }) {
      answered.append(queueOfQuestions.remove(at: index))
    }
    return remark
  }

  func undo() throws -> String {
    try fail()
    guard let last = answered.popLast() else {
      throw Failure(description: "there is no answer to take back")
    }
    undoCount += 1
    queueOfQuestions.insert(last, at: 0)
    return "#\(last.candidate) is asked again"
  }

  func askAgain(candidate: Int64) throws -> String {
    try fail()
    guard let index = answered.firstIndex(where: { $0.candidate == candidate }) else {
      throw Failure(description: "it has no answer")
    }
    queueOfQuestions.insert(answered.remove(at: index), at: 0)
    return "#\(candidate) is no longer labelled"
  }

  func more() throws -> String {
    try fail()
    moreCount += 1
    queueOfQuestions.append(ConsoleTests.question(900 + Int64(moreCount)))
    return "1 more photo to label"
  }

  func addClass(_ name: String) throws {
    try fail()
    added.append(name)
    classNames.append(name)
  }

  func queue(limit: Int) throws -> [OperatorQueueEntry] {
    try fail()
    return queueOfQuestions.prefix(limit).map {
      OperatorQueueEntry(
        candidate: $0.candidate, photoName: $0.photoName, guess: $0.guesses.first,
        score: Double($0.candidate) / 4)
    }
  }

  func why(candidate: Int64) throws -> QuestionWhy {
    try fail()
    var why = QuestionWhy(
      candidate: candidate, photo: "cell_\(candidate).jpg", reason: .disagreement)
    why.nearest = [.init(candidate: 7, photo: "cell_7.jpg", name: "defective", cosine: 0.812)]
    return why
  }

  func preview(candidate: Int64, _ request: PreviewRequest) throws -> String {
    try fail()
    requests.append(request)
    return picture
  }

  // What a desk need not know.

  var listOfModels: [OperatorModel] = []
  var learning = OperatorProgress(
    labels: 0, rounds: [], audit: AccuracyEstimate(right: 0, of: 0))
  var filesToSend: [String] = []
  private(set) var activated: [Int64] = []
  private(set) var dates: [Int64] = []
  private(set) var triggerCount = 0
  private(set) var sent: [[String]] = []
  private(set) var unsent: [[String]] = []

  func progress() throws -> OperatorProgress {
    try fail()
    return learning
  }

  func models() throws -> [OperatorModel] {
    try fail()
    return listOfModels
  }

  func activate(model number: Int64) throws -> String {
    try fail()
    activated.append(number)
    return "model \(number) is active; 40 photos were scored again"
  }

  func setDate(unixMilliseconds: Int64) throws -> String {
    try fail()
    dates.append(unixMilliseconds)
    return "the system's clock is set"
  }

  func trigger() throws -> String {
    try fail()
    triggerCount += 1
    return "a photo is taken"
  }

  func exportBundle() throws -> String {
    try fail()
    return "the bundle is in outgoing/3"
  }

  func bundleForSending() throws -> [String] {
    try fail()
    return filesToSend
  }

  func bundleWasSent(_ paths: [String]) throws {
    try fail()
    sent.append(paths)
  }

  func bundleWasNotSent(_ paths: [String]) { unsent.append(paths) }

  func thumbnail(candidate: Int64, byteLimit: Int) throws -> [UInt8] {
    try fail()
    return Array("JPEG of #\(candidate)".utf8)
  }
}

/// Question number `number`, of a solar cell the network is torn about.
func question(_ number: Int64, photo: String? = nil, waiting: Int = 2) -> OperatorQuestion {
  OperatorQuestion(
    candidate: number, photoName: photo ?? "cell_\(number).jpg",
    guesses: [ClassGuess("defective", 0.523), ClassGuess("functional", 0.477)],
    reason: QuestionReason(
      entropy: 0.692, diversity: 1.243,
      votes: [ClassVote("defective", 5), ClassVote("functional", 3)], rank: 1, ranked: 40),
    waiting: waiting)
}
