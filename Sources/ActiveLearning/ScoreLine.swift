import FoundationEssentials

/// The name of a candidate on a line of JSON: text or a whole number, given back as it came.
package enum CandidateName: Hashable, Sendable, Codable {
  case text(String)
  case number(Int)

  /// Reads text or a whole number; throws on anything else.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Int.self) {
      self = .number(number)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  /// Writes what was read.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .number(let number): try container.encode(number)
    }
  }
}

/// One line of input of `loam score`: `{"id": …, "patches": [[p of each class] …]}`.
///
/// A patch of one number is the probability of the second of two classes.
package struct ScoreRequest: Hashable, Sendable, Codable {
  package var id: CandidateName
  package var patches: [[Double]]

  /// The candidate `id` with `patches`.
  package init(id: CandidateName, patches: [[Double]]) {
    self.id = id
    self.patches = patches
  }
}

/// One line of output of `loam score`.
package struct ScoreReply: Hashable, Sendable, Codable {
  package var id: CandidateName
  package var entropy: Double
  package var diversity: Double
  package var score: Double
  package var kept: [Int]
}

/// Why a line of `loam score` cannot be used: which line and field, what was found and expected.
package struct ScoreLineError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Line of the input, from 1.
  package var line: Int
  package var problem: String

  /// As in "line 3: patches[1] has 2 probabilities, patches[0] has 3; …".
  package var description: String { "line \(line): \(problem)" }
}

extension ScoreRequest {
  /// Reads and checks one line of JSON.
  ///
  /// Probabilities must be at least 0 and each patch must sum to 1 within 0.001; a patch of one
  /// number p becomes the two classes 1 − p and p.
  package init(line: some StringProtocol, number: Int) throws(ScoreLineError) {
    do {
      self = try JSONDecoder().decode(ScoreRequest.self, from: Data(line.utf8))
    } catch {
      throw ScoreLineError(line: number, problem: Self.sentence(for: error))
    }
    if let problem { throw ScoreLineError(line: number, problem: problem) }
    patches = patches.map { $0.count == 1 ? [1 - $0[0], $0[0]] : $0 }
  }

  /// Scores the candidate; `patches` must have been checked by reading it from a line.
  package func reply(_ settings: CriterionSettings) -> ScoreReply {
    let result = score(patches, settings: settings)
    return ScoreReply(
      id: id, entropy: result.entropy, diversity: result.diversity, score: result.score,
      kept: result.kept)
  }

  /// What is wrong with the patches, or `nil`.
  private var problem: String? {
    guard let first = patches.first else {
      return "patches is empty; give the probabilities of at least one patch, as in [[0.2, 0.8]]"
    }
    for (index, patch) in patches.enumerated() {
      if patch.isEmpty {
        return "patches[\(index)] is empty; give a probability for each class"
      }
      if patch.count != first.count {
        return "patches[\(index)] has \(patch.count) probabilities, patches[0] has "
          + "\(first.count); give every patch one for each class"
      }
      for (item, probability) in patch.enumerated()
      where !(probability >= 0 && probability <= 1.001) {
        return "patches[\(index)][\(item)] is \(probability); give a probability in 0...1"
      }
      let sum = patch.reduce(0, +)
      if patch.count > 1, abs(sum - 1) > 1e-3 {
        return "patches[\(index)] sums to \(sum); the probabilities of a patch sum to 1 "
          + "within 0.001 (apply softmax to logits first)"
      }
    }
    return nil
  }

  /// What `JSONDecoder` found, with the field it found it in.
  private static func sentence(for error: any Error) -> String {
    let expected = "expected {\"id\": …, \"patches\": [[p of each class] …]}"
    func place(_ path: [any CodingKey]) -> String {
      let names = path.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }
      return names.isEmpty ? "the line" : names.joined()
    }
    switch error as? DecodingError {
    case .keyNotFound(let key, _):
      return "\"\(key.stringValue)\" is missing; \(expected)"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "\(place(context.codingPath)) has the wrong type; \(expected)"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      return "\(place(context.codingPath)) is not a number that can be used; \(expected)"
    default:
      return "not a JSON object with usable numbers; \(expected)"
    }
  }
}

extension ScoreReply {
  /// One line of JSON, keys in alphabetical order, without the line feed.
  package var line: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
