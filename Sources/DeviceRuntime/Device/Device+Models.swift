import Graph
import Imaging
import Inference
import SampleStore

/// Why another model could not be made the active one.
package enum ModelChoiceError: Error, CustomStringConvertible {
  case notAtHand(Int64)
  case rejected(Int64)
  case otherBody(Int64)
  case otherClasses(Int64, found: [String])

  /// What was wrong, with what, and what to do about it.
  package var description: String {
    switch self {
    case .notAtHand(let number):
      "model \(number) lies in neither slot: only the active model and the one before are kept; label more, "
        + "and the next round makes a better one"
    case .rejected(let number):
      "model \(number) was not taken by its gate, for it got fewer audit labels right"
    case .otherBody(let number):
      "model \(number) has another body than the stored features; start a new store with it"
    case .otherClasses(let number, let found):
      "model \(number) is for other classes (\(found.prefix(5).joined(separator: ", "))); start a new store "
        + "with it"
    }
  }
}

extension Device {
  package func models() throws -> [OperatorModel] {
    let atHand = Set(slotHashes().values)
    return try store.models().map { record in
      OperatorModel(
        number: record.id,
        made: ConsoleDate.text(record.createdAt.unixMilliseconds)
          + (record.createdAt.clockTrusted ? "" : "?"),
        labels: record.model.labelCount, accuracy: record.model.accuracyAfter,
        isActive: record.id == model.id, isAtHand: atHand.contains(record.model.sha256),
        isAccepted: record.model.accepted, why: record.model.why)
    }
  }

  /// The hash of the model in each slot that holds a whole one.
  ///
  /// - Complexity: reads both files.
  private func slotHashes() -> [String: String] {
    var hashes: [String: String] = [:]
    for name in ["a.loam", "b.loam"] {
      let path = "\(slots.folder)/\(name)"
      hashes[path] = (try? LoamFile.open(path))?.sha256
    }
    return hashes
  }

  /// Goes to model `number`: the pool is scored by it, then its slot is made active, then the store says so,
  /// as after a round. A power cut in between leaves one model or the other, whole.
  ///
  /// The next round learns from it; labels that it does not know are learned again from their features, as
  /// far as replay draws them.
  package func activate(model number: Int64) throws -> String {
    guard let record = try store.models().first(where: { $0.id == number }) else {
      throw StoreError.noModel(number)
    }
    guard record.id != model.id else { return "model \(number) is the active one already" }
    guard record.model.accepted else { throw ModelChoiceError.rejected(number) }
    guard let path = slotHashes().first(where: { $0.value == record.model.sha256 })?.key else {
      throw ModelChoiceError.notAtHand(number)
    }
    let file = try LoamFile.open(path)
    let chosen = try file.network()
    guard chosen.lineage.bodySHA256 == network.lineage.bodySHA256 else {
      throw ModelChoiceError.otherBody(number)
    }
    let head = try Head(network: chosen)
    guard Array(classNames.prefix(head.classes.count)) == head.classes else {
      throw ModelChoiceError.otherClasses(number, found: head.classes)
    }
    let before = model.id
    try activate(record, file: file, head: head)
    insight = nil
    hasNews = true
    // The model is active, whatever comes of the note.
    try? store.recordEvent(
      .info, kind: "model.activated",
      message: "the operator went from model \(before) to model \(number)", at: clock.stamp)
    return "model \(number) is active (kept); every waiting photo was scored by it"
  }

  package func thumbnail(candidate: Int64, byteLimit: Int) throws -> [UInt8] {
    guard let hash = try store.captures(of: candidate).first?.sha256 else {
      throw DeviceError.gone(candidate: candidate)
    }
    let photo = Photo(path: try store.photos.path(of: hash), limits: settings.decoding)
    return try DeviceRuntime.thumbnail(of: photo, byteLimit: byteLimit)
  }
}
