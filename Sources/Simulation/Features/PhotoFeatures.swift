import Crypto
package import DeviceRuntime
import FoundationEssentials
package import Graph
package import Imaging
import SampleStore
import Synchronization

/// The features of a set of labelled photos, computed once.
package struct PhotoFeatures: Sendable {
  /// One photo that could be used.
  package struct Photo: Sendable {
    package var photo: LabelledPhotos.Photo
    /// SHA-256 of its bytes.
    package var sha256: [UInt8]
    /// `[patches, feature count]` in fp16, as a device stores them; patch 0 is the whole photo.
    package var values: [Float16]

    /// A photo with its features.
    package init(photo: LabelledPhotos.Photo, sha256: [UInt8], values: [Float16]) {
      self.photo = photo
      self.sha256 = sha256
      self.values = values
    }
  }

  package let photos: [Photo]
  package let patchCount: Int
  package let featureCount: Int
  /// Sentences about photos that could not be used.
  package let failures: [String]
  /// Photos that went through the body just now; the others were in the cache.
  package let computed: Int

  /// Features made elsewhere, none of them just now.
  package init(photos: [Photo], patchCount: Int, featureCount: Int) {
    self.init(
      photos: photos, patchCount: patchCount, featureCount: featureCount, failures: [], computed: 0)
  }

  private init(
    photos: [Photo], patchCount: Int, featureCount: Int, failures: [String], computed: Int
  ) {
    self.photos = photos
    self.patchCount = patchCount
    self.featureCount = featureCount
    self.failures = failures
    self.computed = computed
  }

  /// Reads the features of `photos` from `cache`, and computes and keeps those that are not there.
  ///
  /// A photo is cut into the patches that a device would cut, which its bytes decide. `progress` is
  /// called with the photos done and to do, from any thread.
  ///
  /// - Complexity: about 0.1 s a photo, thread and 8 patches where nothing is cached.
  package static func read(
    _ photos: [LabelledPhotos.Photo], network: Network, patches: PatchSettings,
    cache folder: String, threads: Int, progress: @escaping @Sendable (Int, Int) -> Void
  ) async throws -> PhotoFeatures {
    let judge = try Judge(network, patches: patches)
    let cache = try FeatureCache(
      folder: folder, key: try cacheKey(body: judge.bodySHA256, patches),
      valueCount: judge.patchCount * judge.featureCount)
    let work = SharedWork(cache: cache, count: photos.count)
    let count = photos.count
    try await withThrowingTaskGroup { group in
      for _ in 0..<max(1, threads) {
        group.addTask {
          var judge: Judge?
          while let index = work.state.withLock({ $0.take(count) }) {
            try Task.checkCancellation()
            let result = try work.result(of: photos[index]) { bytes, sha256, path in
              let own = try judge ?? Judge(network, patches: patches)
              judge = own
              return try own.features(
                of: Imaging.Photo(bytes: bytes, name: path),
                identity: sha256.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
              ).values.map { Float16($0) }
            }
            let done = work.state.withLock { $0.finish(index, result) }
            progress(done, count)
          }
        }
      }
      try await group.waitForAll()
    }
    let (results, computed) = work.state.withLock { ($0.results, $0.computed) }
    var (found, failures): ([Photo], [String]) = ([], [])
    for case .some(let result) in results {
      switch result {
      case .success(let photo): found.append(photo)
      case .failure(let failure): failures.append(failure.sentence)
      }
    }
    if found.isEmpty, let first = failures.first {
      throw SimulationError.noPhoto(count: photos.count, why: first)
    }
    return PhotoFeatures(
      photos: found, patchCount: judge.patchCount, featureCount: judge.featureCount,
      failures: failures, computed: computed)
  }

  /// Names what decides the features of a photo besides its bytes.
  private static func cacheKey(body: String, _ patches: PatchSettings) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = body + String(decoding: try encoder.encode(patches), as: UTF8.self)
    return String(sha256Text(Array(text.utf8)).prefix(24))
  }
}

/// Why one photo could not be used.
private struct PhotoFailure: Error {
  var sentence: String
}

/// What the threads share.
private final class SharedWork: Sendable {
  struct State {
    let cache: FeatureCache
    var results: [Result<PhotoFeatures.Photo, PhotoFailure>?]
    var next = 0
    var finished = 0
    var computed = 0

    mutating func take(_ count: Int) -> Int? {
      guard next < count else { return nil }
      next += 1
      return next - 1
    }

    mutating func finish(
      _ index: Int, _ result: Result<PhotoFeatures.Photo, PhotoFailure>
    ) -> Int {
      results[index] = result
      finished += 1
      return finished
    }
  }

  let state: Mutex<State>

  init(cache: sending FeatureCache, count: Int) {
    state = Mutex(State(cache: cache, results: .init(repeating: nil, count: count)))
  }

  /// The features of `photo`, from the cache or by `compute`.
  func result(
    of photo: LabelledPhotos.Photo, compute: ([UInt8], [UInt8], String) throws -> [Float16]
  ) throws -> Result<PhotoFeatures.Photo, PhotoFailure> {
    guard let data = FileManager.default.contents(atPath: photo.path) else {
      return .failure(PhotoFailure(sentence: "\(photo.path): cannot be read"))
    }
    let bytes = Array(data)
    let sha256 = Array(SHA256.hash(data: bytes))
    if let values = state.withLock({ $0.cache.features(sha256) }) {
      return .success(.init(photo: photo, sha256: sha256, values: values))
    }
    do {
      let values = try compute(bytes, sha256, photo.path)
      try state.withLock {
        try $0.cache.add(sha256, values)
        $0.computed += 1
      }
      return .success(.init(photo: photo, sha256: sha256, values: values))
    } catch let error as ImagingError {
      return .failure(PhotoFailure(sentence: "\(error)"))
    }
  }
}
