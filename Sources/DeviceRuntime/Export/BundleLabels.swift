import FoundationEssentials
import SampleStore

/// `labels.csv`: one row for each photo with an answer that stands.
///
/// RFC 4180: comma, CRLF, a cell with a comma, a quote or a line's end in quotes, a quote doubled. UTF-8.
///
/// A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a return for a formula. Such a
/// cell gets an apostrophe in front, and one that begins with an apostrophe gets another: whoever reads the
/// file takes one leading apostrophe away and has the value as it was.
enum LabelTable {
  /// Names of the columns.
  static let columns = [
    "sha256", "photo", "candidate", "decision", "class", "operator", "time", "clock_trusted",
    "audit", "guess", "sequence",
  ]

  /// The table with its line of names.
  static func csv(_ answers: [StandingAnswer]) -> [UInt8] {
    var text = row(columns)
    for answer in answers {
      text += row([
        answer.sha256 ?? "", answer.originalName, "\(answer.candidateID)", answer.kind.rawValue,
        answer.className ?? "", answer.operatorName, time(answer.at),
        answer.at.clockTrusted ? "yes" : "no", answer.isAudit ? "yes" : "no", answer.guess ?? "",
        "\(answer.sequence)",
      ])
    }
    return Array(text.utf8)
  }

  /// `HASH,DECISION,CLASS` for each answer, sorted by bytes: what the labels say, whoever gave them.
  static func decisions(_ answers: [StandingAnswer]) -> [String] {
    answers.map { "\($0.sha256 ?? ""),\($0.kind.rawValue),\(cell($0.className ?? ""))" }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func row(_ cells: [String]) -> String {
    cells.map(cell).joined(separator: ",") + "\r\n"
  }

  /// `text` as a cell.
  static func cell(_ text: String) -> String {
    let first = text.unicodeScalars.first
    let isRisky = first.map { "=+-@'\t\r\n".unicodeScalars.contains($0) } ?? false
    let safe = isRisky ? "'" + text : text
    let needsQuotes = safe.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
    guard needsQuotes else { return safe }
    let parts = safe.unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false)
    return "\"" + parts.map { String($0) }.joined(separator: "\"\"") + "\""
  }

  /// ISO 8601, UTC, in milliseconds; only as right as the clock was.
  private static func time(_ stamp: Stamp) -> String {
    Date(timeIntervalSince1970: Double(stamp.unixMilliseconds) / 1000)
      .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }
}
