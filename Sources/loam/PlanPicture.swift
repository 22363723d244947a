import DeviceRuntime
import Graph

/// The arena of a body over time, as text and as a drawing.
struct PlanPicture {
  private static let textWidth = 72
  private static let textHeight = 6

  private let plan: Plan

  /// The picture of `plan`.
  init(_ plan: Plan) { self.plan = plan }

  /// Bars of the bytes that are alive, one a step or for several steps the fullest, with the bytes
  /// of the highest bar beside the first line.
  var blocks: [String] {
    let groups = max(1, (plan.load.count + Self.textWidth - 1) / Self.textWidth)
    let bars = stride(from: 0, to: plan.load.count, by: groups).map { start in
      plan.load[start..<min(start + groups, plan.load.count)].max() ?? 0
    }
    let highest = max(1, bars.max() ?? 1)
    let signs = Array(" ▁▂▃▄▅▆▇█")
    return (0..<Self.textHeight).map { line in
      let label = line == 0 ? byteText(highest) : line == Self.textHeight - 1 ? "0 B" : ""
      let bar = bars.map { bytes in
        let eighths = (bytes * Self.textHeight * 8 + highest / 2) / highest
        return signs[min(8, max(0, eighths - (Self.textHeight - 1 - line) * 8))]
      }
      return columnText(label, 11) + " " + String(bar)
    }
  }

  /// Every stretch of the arena as a box: steps from left to right, addresses upwards.
  var svg: String {
    let (left, top, height, step) = (80, 30, 400, 14)
    let width = plan.load.count * step
    let scale = Double(height) / Double(max(1, plan.byteCount))
    func y(_ byte: Int) -> Int { top + height - Int((Double(byte) * scale).rounded()) }
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(left + width + 20)" \
      height="\(top + height + 40)" font-family="sans-serif" font-size="11">
      <rect width="100%" height="100%" fill="#ffffff"/>
      <text x="\(left)" y="18">Arena of \(byteText(plan.byteCount)) over \
      \(plan.stages.count) steps; orange: rings of rows</text>
      <text x="\(left - 6)" y="\(top + 8)" text-anchor="end">\(byteText(plan.byteCount))</text>
      <text x="\(left - 6)" y="\(top + height)" text-anchor="end">0 B</text>

      """
    for block in plan.blocks {
      let (low, high) = (y(block.bytes.lowerBound), y(block.bytes.upperBound))
      let x = left + block.steps.lowerBound * step
      let names = block.names.isEmpty ? ["rings of rows"] : block.names
      text += """
        <rect x="\(x)" y="\(high)" width="\(block.steps.count * step - 1)" \
        height="\(max(1, low - high))" fill="\(block.names.isEmpty ? "#f4a261" : "#8ecae6")" \
        stroke="#1d3557" stroke-width="0.5"><title>\(Self.escaped(names.joined(separator: ", "))): \
        \(byteText(block.bytes.count))</title></rect>

        """
    }
    for (index, name) in plan.stepNames.enumerated() {
      text += """
        <rect x="\(left + index * step)" y="\(top + height + 6)" width="\(step - 1)" height="8" \
        fill="#cccccc"><title>\(Self.escaped(name)): \(byteText(plan.load[index]))</title></rect>

        """
    }
    return text + "</svg>\n"
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case _ where character.value < 32: result += " "
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
