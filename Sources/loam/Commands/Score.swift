import ActiveLearning
import ArgumentParser
import FoundationEssentials

/// `loam score`: the published criteria on probabilities from anywhere.
struct Score: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score candidates from the probabilities of their patches.",
    discussion: """
      Reads one JSON object a line, from FILE or from standard input:
        {"id": "B", "patches": [[0.9, 0.1], [0.4, 0.6]]}
      and prints entropy, diversity, their weighted sum and the patches that counted.
      """)

  @Argument(help: "A file of JSON lines; standard input if absent or '-'.")
  var file: String = "-"

  @Option(help: "Weight of the entropy.")
  var lambda1 = 1.0

  @Option(help: "Weight of the diversity.")
  var lambda2 = 1.0

  @Option(help: "Share of the patches that majority selection keeps; all if absent.")
  var alpha: Double?

  @Option(help: "Probabilities are kept this far from 0 and 1.")
  var epsilon = 1e-6

  @Flag(help: "Divide by the number of patches and pairs, so that candidates of any size compare.")
  var normalise = false

  @Flag(help: "Print JSON lines instead of a table.")
  var json = false

  private var settings: CriterionSettings {
    CriterionSettings(
      lambda1: lambda1, lambda2: lambda2, alpha: alpha, epsilon: epsilon, normalise: normalise)
  }

  func validate() throws {
    if let problem = settings.problem { throw ValidationError(problem) }
  }

  func run() throws {
    let lines = try LineSource(file)
    var number = 0
    var replies = 0
    if !json { print("id            entropy   diversity       score   kept") }
    while let line = lines.next() {
      number += 1
      guard line.contains(where: { !$0.isWhitespace }) else { continue }
      let request: ScoreRequest
      do throws(ScoreLineError) {
        request = try ScoreRequest(line: line, number: number)
      } catch {
        throw CommandFailure("\(lines.name), \(error)")
      }
      let reply = request.reply(settings)
      replies += 1
      if json {
        try printJSON(reply)
      } else {
        print(row(reply))
      }
    }
    if replies == 0 {
      throw CommandFailure(
        "\(lines.name): no candidates in it; expected lines like "
          + "{\"id\": \"B\", \"patches\": [[0.9, 0.1], [0.4, 0.6]]}")
    }
  }

  private func row(_ reply: ScoreReply) -> String {
    let name =
      switch reply.id {
      case .text(let text): text
      case .number(let number): "\(number)"
      }
    return columnText(name, 10, left: true) + figure(reply.entropy, 11)
      + figure(reply.diversity, 12) + figure(reply.score, 12)
      + "   \(reply.kept.map(String.init).joined(separator: " "))"
  }
}
