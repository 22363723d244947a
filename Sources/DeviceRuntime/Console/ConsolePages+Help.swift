extension ConsolePages {
  /// The help screen. Keys that wait for Enter because a class name begins with them say so.
  func help(_ keys: ClassKeys) -> [String] {
    var rows = [("1 to 9", "the class with that key, at once")]
    if keys.names.count > 9 {
      rows.append(("letter Enter", "the class with that letter as its key"))
    }
    rows += [
      ("name Enter", "a class by its name, or the beginning of it"),
      ("/name Enter", "the same, for a name that is also a key or a command"),
      (both(.skip, keys), "skip: ask about it again later"),
      (both(.unsure, keys), "can't tell: you looked, and it should not be used"),
      (both(.undo, keys), "undo the latest answer, then the one before it, and so on"),
      ("#12 Enter", "ask about photo 12 again, if its label was wrong"),
      (both(.picture, keys), "picture of the photo made of characters; any key stops it"),
      (both(.why, keys), "why this photo is asked, with the figures and its nearest examples"),
      (both(.list, keys), "list of the photos that wait"),
      (both(.more, keys), "more: the ten best that wait, if you have time for them"),
      (both(.newClass, keys), "new class, by name"),
      (both(.classes, keys), "classes and their keys"),
      (both(.info, keys), "info: how things stand"),
      (":progress", "how learning goes, with a curve; ':models' lists the models"),
      ("activate 3", "goes to model 3 if it is at hand; 'back' goes to the other one"),
      (":send", "sends a bundle over this line by ZMODEM; 'export' writes one here"),
      (":shoot", "takes a photo; 'date 2026-11-23 14:30' sets the clock (UTC)"),
      ("Enter", "shows the question again; Ctrl-L draws the screen anew"),
      ("Ctrl-C, Ctrl-U", "drop what is typed; Backspace takes one letter back"),
    ]
    return ["The device asks what it cannot tell by itself. Give each photo its class:"]
      + rows.map { "  " + ConsoleText.pad($0.0, width: 15) + " " + $0.1 }
      + ConsoleText.wrap(
        "\"(kept)\" means that the answer is on the device's disk and outlives a power cut. "
          + "A key pressed before its question stood here in full does not answer it.",
        width: settings.columns - 1)
  }

  private func both(_ command: ConsoleCommand, _ keys: ClassKeys) -> String {
    let letter = keys.actsAtOnce(command) ? "\(command.letter)" : "\(command.letter) Enter"
    return command.otherKey.map { "\(letter) or \($0)" } ?? letter
  }
}
