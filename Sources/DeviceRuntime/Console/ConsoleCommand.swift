/// What an operator can ask for besides giving a class.
enum ConsoleCommand: CaseIterable {
  case skip, unsure, undo, picture, why, list, newClass, classes, more, info, help

  /// The letter that stands for the command.
  var letter: Character {
    switch self {
    case .skip: "s"
    case .unsure: "x"
    case .undo: "u"
    case .picture: "p"
    case .why: "w"
    case .list: "l"
    case .newClass: "n"
    case .classes: "c"
    case .more: "m"
    case .info: "i"
    case .help: "?"
    }
  }

  /// A key beside the letter that begins no class name and so always acts at once.
  var otherKey: String? {
    switch self {
    case .skip: "-"
    case .unsure: "0"
    case .undo: "^Z"
    default: nil
    }
  }

  /// Words that mean the command when typed in full. The first names it in texts.
  var words: [String] {
    switch self {
    case .skip: ["skip"]
    case .unsure: ["can't tell", "unsure"]
    case .undo: ["undo"]
    case .picture: ["picture", "preview"]
    case .why: ["why"]
    case .list: ["list"]
    case .newClass: ["new class", "new"]
    case .classes: ["classes"]
    case .more: ["more"]
    case .info: ["info", "status"]
    case .help: ["help", "h"]
    }
  }

  /// The command whose letter or sign is `character`, whatever its case.
  init?(key character: Character) {
    let lower = character.lowercased()
    guard
      let found = Self.allCases.first(where: { String($0.letter) == lower || $0.otherKey == lower })
    else { return nil }
    self = found
  }
}

/// The classes of a question with the keys that stand for them, and what typed text means.
///
/// Classes 1 to 9 have the digits, which act at once. The next have the letters that are no
/// command's, with Enter, because names begin with letters too. All can be typed by name.
struct ClassKeys: Equatable {
  /// What a typed line stands for.
  enum Meaning: Equatable {
    case label(String)
    case command(ConsoleCommand)
    case ambiguous([String])
    case unknown(String)
  }

  /// Letters for the tenth class and those after it.
  private static let letters: [Character] = "abcdefghijklmnopqrstuvwxyz".filter {
    ConsoleCommand(key: $0) == nil && $0 != "y" && $0 != "h"
  }

  /// All class names, in the model's order.
  let names: [String]
  /// The key of each class, while there are keys.
  let keys: [Character?]

  /// Keys for `names`. A class whose name is a single letter keeps that letter for itself.
  init(_ names: [String]) {
    self.names = names
    let taken = Set(names.compactMap { $0.count == 1 ? $0.lowercased().first : nil })
    let free = Self.letters.filter { !taken.contains($0) }
    keys = names.indices.map { index in
      if index < 9 { return Character("\(index + 1)") }
      return index - 9 < free.count ? free[index - 9] : nil
    }
  }

  /// The class with `key`.
  func name(for key: Character) -> String? {
    let lower = key.lowercased()
    return keys.firstIndex { $0.map(String.init) == lower }.map { names[$0] }
  }

  /// How the key of class `index` is written on the screen, as in `[1]` or `[a Enter]`.
  func legend(_ index: Int) -> String? {
    keys[index].map { $0.isNumber ? "[\($0)]" : "[\($0) Enter]" }
  }

  /// Whether pressing the command's letter acts at once. It does unless a class name begins with it:
  /// then it waits for Enter, or typing that name would skip or undo something.
  func actsAtOnce(_ command: ConsoleCommand) -> Bool {
    !names.contains {
      $0.lowercased().unicodeScalars.first == command.letter.unicodeScalars.first
    }
  }

  /// How the quickest key of `command` is written on the screen.
  func legend(_ command: ConsoleCommand) -> String {
    if actsAtOnce(command) { return "[\(command.letter)]" }
    return command.otherKey.map { "[\($0)]" } ?? "[\(command.letter) Enter]"
  }

  /// What the typed `text` stands for. With `nameOnly` (typed after `/`) it is a class name or the
  /// beginning of one; else commands and letter keys come between exact names and beginnings.
  func meaning(of text: String, nameOnly: Bool) -> Meaning {
    if names.contains(text) { return .label(text) }
    let lower = text.lowercased()
    let same = names.filter { $0.lowercased() == lower }
    if let name = same.first { return same.count == 1 ? .label(name) : .ambiguous(same) }
    if !nameOnly {
      if text.count == 1, let command = text.first.flatMap(ConsoleCommand.init(key:)) {
        return .command(command)
      }
      if let command = ConsoleCommand.allCases.first(where: { $0.words.contains(lower) }) {
        return .command(command)
      }
      if text.count == 1, let name = text.first.flatMap(name(for:)) { return .label(name) }
    }
    let begun = names.filter { $0.lowercased().hasPrefix(lower) }
    if let name = begun.first { return begun.count == 1 ? .label(name) : .ambiguous(begun) }
    return .unknown(text)
  }
}
