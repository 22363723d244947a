extension ConsoleSession {
  /// Below this a sixel picture is smaller than one of characters.
  private static let leastSixelBytes = 4000

  /// What the line can show in `previewSeconds`: colours if they leave at least 24 columns.
  var previewRequest: PreviewRequest {
    let widest = max(8, min(64, settings.columns - 2))
    let budget = settings.bytesPerSecond.map { max(64, Int(Double($0) * settings.previewSeconds)) }
    if settings.sixel, budget ?? .max >= Self.leastSixelBytes {
      return PreviewRequest(
        columns: widest, style: .sixel, byteBudget: min(budget ?? .max, OutputQueue.capacity / 2))
    }
    // A half-block cell takes up to 24 bytes with both colours of the palette of 256, and up to 41 with
    // both in 24 bits.
    for (style, bytes) in [(PreviewRequest.Style.trueColour, 41.0), (.halfBlocks, 24)] {
      let coloured = budget.map { side(cells: Double($0) / bytes) } ?? widest
      let isAllowed = settings.colours && settings.unicode && coloured >= 24
      if isAllowed, settings.trueColour || style == .halfBlocks {
        return PreviewRequest(
          columns: min(widest, coloured), style: style, byteBudget: budget ?? 65536)
      }
    }
    let plain = budget.map { side(cells: Double($0)) } ?? widest
    return PreviewRequest(
      columns: max(8, min(widest, plain)), style: .ascii, byteBudget: budget ?? 65536)
  }

  /// Columns of a picture of `cells` characters, square on the screen: half as many rows, and two
  /// bytes more for the end of each.
  private func side(cells: Double) -> Int { max(1, Int((2 * cells + 1).squareRoot()) - 1) }

  func picture(typed: String?, _ desk: any OperatorDesk) {
    guard let shown else {
      show(typed: typed)
      return say("No question is open; there is no photo to show.")
    }
    let request = previewRequest
    do {
      let text = try asking {
        try desk.preview(candidate: shown.question.candidate, request)
      }
      show(typed: typed)
      line("#\(shown.question.candidate) \(pages.name(shown.question.photoName, limit: 60)):")
      if request.style == .sixel {
        try showSixel(text, request)
      } else {
        showPicture(text, request)
      }
    } catch {
      show(typed: typed)
      fail("The photo cannot be shown", error)
    }
  }

  /// Sends the rows that fit the budget and the queue, harmless characters only.
  private func showPicture(_ text: String, _ request: PreviewRequest) {
    var left = min(request.byteBudget, OutputQueue.capacity / 2)
    let rows = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    for (index, row) in rows.enumerated() where index < rows.count - 1 || !row.isEmpty {
      let safe = request.style == .ascii ? Self.plain(row) : Self.coloured(row) + "\u{1B}[0m"
      left -= safe.utf8.count + 2
      if left < 0 {
        line("(the rest of the picture is too much for this line)", isPicture: true)
        break
      }
      line(safe, isPicture: true)
    }
  }

  /// Sends a sixel picture in small pieces, the last of which ends it and is sent even if a key drops the
  /// others: else the terminal would take all that follows for a part of the picture.
  private func showSixel(_ text: String, _ request: PreviewRequest) throws {
    let bytes = Array(text.utf8)
    guard Self.isSixel(bytes), bytes.count <= request.byteBudget,
      output.byteCount + bytes.count + 64 <= OutputQueue.capacity
    else { throw DeskCannot(description: "the picture is damaged or too large for this line") }
    let end = bytes.count - 2
    for start in stride(from: 0, to: end, by: 64) {
      let piece = String(decoding: bytes[start..<min(start + 64, end)], as: UTF8.self)
      _ = output.append(piece, isPicture: true)
    }
    _ = output.append("\u{1B}\\\r\n", isPicture: true, endsPicture: true)
    cursor = .lineStart
  }

  /// Whether `bytes` are one sixel picture and nothing else: no other control goes with it.
  static func isSixel(_ bytes: [UInt8]) -> Bool {
    guard bytes.count > 5, bytes.starts(with: [0x1B, UInt8(ascii: "P")]),
      bytes.suffix(2).elementsEqual([0x1B, UInt8(ascii: "\\")])
    else { return false }
    let inner = bytes[2..<bytes.count - 2]
    let parameters = inner.prefix { $0 == UInt8(ascii: ";") || (0x30...0x39).contains($0) }
    guard parameters.endIndex < inner.endIndex, inner[parameters.endIndex] == UInt8(ascii: "q")
    else { return false }
    return inner[(parameters.endIndex + 1)...].allSatisfy { (0x21...0x7E).contains($0) }
  }

  private static func plain(_ row: Substring) -> String {
    String(
      String.UnicodeScalarView(
        row.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? $0 : "?" }))
  }

  /// `row` with its colour sequences (ESC [ digits and semicolons m) and printable characters only.
  private static func coloured(_ row: Substring) -> String {
    var result = String.UnicodeScalarView()
    var rest = row.unicodeScalars
    while let scalar = rest.popFirst() {
      guard scalar == "\u{1B}" else {
        if scalar.isSafeToPrint { result.append(scalar) }
        continue
      }
      guard rest.first == "[" else { continue }
      let body = rest.dropFirst().prefix { $0 == ";" || ("0"..."9").contains($0) }
      guard body.endIndex < rest.endIndex, rest[body.endIndex] == "m" else { continue }
      result.append(contentsOf: "\u{1B}[".unicodeScalars)
      result.append(contentsOf: body)
      result.append("m")
      rest = rest[rest.index(after: body.endIndex)...]
    }
    return String(result)
  }
}
