/// How many questions an operator is willing to be asked in a time, as in `20/day`.
package struct AskRate: Hashable, Sendable, CustomStringConvertible {
  /// A time that questions are counted over.
  package enum Period: String, Hashable, Sendable, CaseIterable {
    case hour, day

    /// Its length.
    package var seconds: Double { self == .hour ? 3600 : 86_400 }
  }

  /// Questions in any one period, at least 1.
  package var questions: Int
  package var period: Period

  /// The most questions of a period.
  package static let most = 10_000

  /// `questions` questions in each `period`.
  package init(questions: Int, period: Period) {
    precondition((1...Self.most).contains(questions), "\(questions) is no number of questions")
    self.questions = questions
    self.period = period
  }

  /// The rate that `text` says: a whole number, `/`, and `hour` or `day`.
  package init(_ text: String) throws(AskRateError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let period = Period(rawValue: String(parts[1])) else {
      throw .badForm(text)
    }
    guard let questions = Int(parts[0]) else { throw .badForm(text) }
    guard (1...Self.most).contains(questions) else { throw .outOfRange(questions) }
    self.init(questions: questions, period: period)
  }

  /// As it is written: `20/day`.
  package var description: String { "\(questions)/\(period.rawValue)" }
}

/// Why a text is no rate of questions.
package enum AskRateError: Error, Hashable, Sendable, CustomStringConvertible {
  case badForm(String)
  case outOfRange(Int)

  /// What was found, and what to write instead.
  package var description: String {
    switch self {
    case .badForm(let text):
      "'\(text.prefix(40))' is no rate; write questions per hour or day, as in 20/day or 5/hour"
    case .outOfRange(let questions):
      "\(questions) questions are no rate; give a whole number from 1 to \(AskRate.most), "
        + "as in 20/day"
    }
  }
}
