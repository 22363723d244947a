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
    let began = clock.monotonicNanoseconds
    guard case .bytes(let bytes) = contents(path) else {
      let name = URL(filePath: path).lastPathComponent
      let capture = NewCapture(
        sha256: nil, originalName: name, byteCount: 0, size: nil, takenAt: clock.stamp)
      var reason = ImagingError.unreadable(photo: path, reason: "it went away")
      do throws(ImagingError) {
        _ = try Photo(path: path, limits: settings.decoding).readHeader()
      } catch {
        reason = error
      }
      try fail(capture, reason)
      return nil
    }
    return try capture(
      Burst(
        photos: [ArrivedPhoto(bytes: bytes, name: path)], trigger: .arrival,
        takenNanoseconds: began))
  }

  /// Judges the photos of a burst and keeps them as one candidate, which is returned.
  ///
  /// All photos together have as many patches as one alone would have, at least one each, so that a
  /// burst costs about as much as a photo. Photos that cannot be used are recorded and left out, those
  /// that are there already are not taken twice; when none is left, the candidate of the latter is
  /// returned, or `nil`.
  ///
  /// - Throws: `StoreError` when the burst was not kept; it can be given again.
  @discardableResult
  package func capture(_ burst: Burst) throws -> Int64? {
    let begun = clock.monotonicNanoseconds
    let stamp = clock.stamp
    let patches = max(1, (judge.patchCount + burst.photos.count - 1) / max(1, burst.photos.count))
    var known: Int64?
    var used: [(capture: NewCapture, photo: ArrivedPhoto, sha256: String)] = []
    var features: [Float] = []
    for photo in burst.photos {
      let sha256 = sha256Text(photo.bytes)
      if let record = try store.capture(sha256: sha256) {
        known = known ?? record.candidateID
        continue
      }
      guard !used.contains(where: { $0.sha256 == sha256 }) else { continue }
      var capture = NewCapture(
        sha256: sha256, originalName: URL(filePath: photo.name).lastPathComponent,
        byteCount: photo.bytes.count, size: nil, takenAt: stamp)
      do throws(ImagingError) {
        let picture = Photo(bytes: photo.bytes, name: photo.name, limits: settings.decoding)
        let header = try picture.readHeader()
        capture.size = PixelSize(width: header.width, height: header.height)
        features += try judge.features(
          of: picture, identity: patchIdentity(sha256: sha256), count: patches
        ).values
      } catch {
        try fail(capture, error)
        continue
      }
      used.append((capture, photo, sha256))
    }
    guard let first = used.first else {
      if let known { try finish(known) }
      return known
    }
    let block = FeatureBlock(patches: used.count * patches, values: features)
    let judged = clock.monotonicNanoseconds
    for (_, photo, sha256) in used {
      if let path = photo.spoolPath {
        try store.photos.adopt(path, photo.bytes, sha256: sha256)
      } else {
        try store.photos.store(photo.bytes, sha256: sha256)
      }
    }
    let id = try store.insert(
      NewCandidate(
        captures: used.map(\.capture), features: block, bodySHA256: judge.bodySHA256,
        isAudit: auditRule.marks(identity: patchIdentity(sha256: first.sha256))))
    let prediction = prediction(of: id, block)
    try store.save([prediction], model: model.id)
    photoByteCount += used.reduce(0) { $0 + $1.capture.byteCount }
    hasNews = true
    capturedNanoseconds = clock.monotonicNanoseconds
    latestTimes = StageTimes(
      triggered: burst.triggeredNanoseconds, taken: burst.takenNanoseconds, begun: begun,
      judged: judged, kept: capturedNanoseconds)
    try considerAsking(about: id, prediction)
    return id
  }

  /// Does for a candidate what a crash or a full disk left undone after it was entered.
  private func finish(_ id: Int64) throws {
    guard try store.candidate(id).state == .pool, try store.prediction(of: id) == nil,
      let block = try store.features(of: id, bodySHA256: judge.bodySHA256)
    else { return }
    let prediction = prediction(of: id, block)
    try store.save([prediction], model: model.id)
    photoByteCount = try store.photoByteCount()
    hasNews = true
    try considerAsking(about: id, prediction)
  }

  /// How sure the model is of a photo by its first patch alone, 0...1: an eighth of the work of judging
  /// it. `nil` for a photo that cannot be used, and while the model knows nothing.
  package func glance(_ photo: ArrivedPhoto) -> Double? {
    guard !isFresh else { return nil }
    let picture = Photo(bytes: photo.bytes, name: photo.name, limits: settings.decoding)
    let identity = patchIdentity(sha256: sha256Text(photo.bytes))
    guard let block = try? judge.features(of: picture, identity: identity, count: 1) else {
      return nil
    }
    return head.probabilities(block.values.span, count: 1).max().map(Double.init)
  }

  /// What reading a photo's file gave.
  enum Contents {
    case bytes([UInt8])
    /// It is not there.
    case gone
    /// It is no regular file, or larger than a photo may be.
    case unfit
    /// It could not be read now; the number is the system's reason.
    case failed(Int32)
  }

  /// The bytes of the regular file at `path`. Size and bytes are those of one open file.
  func contents(_ path: String) -> Contents {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return errno == ENOENT ? .gone : .failed(errno) }
    defer { close(descriptor) }
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0 else { return .failed(errno) }
    guard information.st_mode & S_IFMT == S_IFREG,
      information.st_size <= settings.decoding.fileByteCount
    else { return .unfit }
    let size = Int(information.st_size)
    var failure: Int32?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = unsafe read(descriptor, buffer.baseAddress?.advanced(by: count), size - count)
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = errno }
        guard got > 0 else { break }
        count += got
      }
    }
    return failure.map { .failed($0) } ?? .bytes(bytes)
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
