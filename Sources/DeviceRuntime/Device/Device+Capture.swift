import ActiveLearning
import Board
import FoundationEssentials
import Glibc
import Imaging
import Inference
import Logging
import SampleStore

extension Device {
  /// Judges the photo in the file at `path` and keeps it; returns its candidate.
  ///
  /// A photo that cannot be used is recorded with the reason, said to the operator, and `nil` is
  /// returned: the loop goes on. A photo that is there already is not taken twice.
  @discardableResult
  package func capture(path: String) throws -> Int64? {
    let name = URL(filePath: path).lastPathComponent
    let stamp = clock.stamp
    var capture = NewCapture(
      sha256: nil, originalName: name, byteCount: 0, size: nil, takenAt: stamp)
    let bytes = boundedContents(path)
    if let bytes {
      let sha256 = sha256Text(bytes)
      if let known = try store.capture(sha256: sha256) { return known.candidateID }
      capture.sha256 = sha256
      capture.byteCount = bytes.count
    }
    do throws(ImagingError) {
      let photo =
        bytes.map { Photo(bytes: $0, name: path, limits: settings.decoding) }
        ?? Photo(path: path, limits: settings.decoding)
      let header = try photo.readHeader()
      capture.size = PixelSize(width: header.width, height: header.height)
    } catch {
      try fail(capture, error)
      return nil
    }
    guard let bytes, let sha256 = capture.sha256 else {
      try fail(capture, .unreadable(photo: path, reason: "it went away"))
      return nil
    }
    let features: FeatureBlock
    do throws(ImagingError) {
      features = try judge.features(
        of: Photo(bytes: bytes, name: path, limits: settings.decoding),
        identity: patchIdentity(sha256: sha256))
    } catch {
      try fail(capture, error)
      return nil
    }
    try store.photos.store(bytes, sha256: sha256)
    let id = try store.insert(
      NewCandidate(
        captures: [capture], features: features, bodySHA256: judge.bodySHA256,
        isAudit: auditRule.marks(identity: patchIdentity(sha256: sha256))))
    let prediction = prediction(of: id, features)
    try store.save([prediction], model: model.id)
    hasNews = true
    capturedNanoseconds = clock.monotonicNanoseconds
    try considerAsking(about: id, prediction)
    return id
  }

  /// The bytes of the regular file at `path`; `nil` if it cannot be read or is larger than a photo
  /// may be. Size and bytes are those of one open file.
  private func boundedContents(_ path: String) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG,
      information.st_size <= settings.decoding.fileByteCount
    else { return nil }
    let size = Int(information.st_size)
    return unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = unsafe read(descriptor, buffer.baseAddress?.advanced(by: count), size - count)
        guard got > 0 else { break }
        count += got
      }
    }
  }

  /// What the active head says of a candidate's features.
  func prediction(of id: Int64, _ features: FeatureBlock) -> Prediction {
    Self.prediction(of: id, features, head: head, settings: settings)
  }

  /// What `head` says of a candidate's features, and what that makes the candidate worth.
  static func prediction(
    of id: Int64, _ features: FeatureBlock, head: Head, settings: DeviceSettings
  ) -> Prediction {
    let probabilities = head.probabilities(features.values.span, count: features.patches)
    let count = head.classes.count
    let rows: [[Double]] = (0..<features.patches).map { patch in
      probabilities[(patch * count)..<((patch + 1) * count)].map { Double($0) }
    }
    let figures = score(rows, settings: settings.criterion)
    return Prediction(
      candidateID: id, classCount: count, probabilities: probabilities, entropy: figures.entropy,
      diversity: figures.diversity, score: settings.choice.value.worth(rows), kept: figures.kept)
  }

  private func fail(_ capture: NewCapture, _ error: ImagingError) throws {
    let text = "\(error)"
    try store.insertFailed(capture, failure: text)
    try store.recordEvent(.warning, kind: "capture.failed", message: text, at: clock.stamp)
    log.warning("photo not used", metadata: ["reason": "\(text)"])
    notice("a photo could not be used: \(text)")
  }
}
