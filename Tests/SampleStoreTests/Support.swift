import FoundationEssentials
import Glibc
import SampleStore
import Testing

/// A folder that goes with its contents when the test is over.
final class TemporaryFolder {
  let path: String

  init(_ path: String = "/tmp/loam-store-" + UUID().uuidString) throws {
    self.path = path
    try? FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var database: String { path + "/loam.sqlite" }

  func open(
    _ purpose: StorePurpose = .tool, options: StoreOptions = StoreOptions(),
    steps: [SchemaStep] = SchemaStep.all
  ) throws -> SampleStore {
    try SampleStore.open(path, for: purpose, options: options, steps: steps)
  }
}

/// A SHA-256 that stands for `number`.
func hash(_ number: Int) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 64 - digits.count) + digits
}

let body = hash(0xb0d)
let noon = Stamp(unixMilliseconds: 1_780_000_000_000, clockTrusted: true)

/// The numbers from 0 up to 1 that make up features and probabilities: exact in fp16.
func values(_ count: Int, seed: Int) -> [Float] {
  (0..<count).map { Float(($0 &* 37 &+ seed &* 101) % 256) / 256 }
}

func newCapture(_ number: Int) -> NewCapture {
  NewCapture(
    sha256: hash(number), originalName: "photo-\(number).jpg", byteCount: 1000 + number,
    size: PixelSize(width: 640, height: 480), takenAt: noon)
}

func newCandidate(
  _ number: Int, patches: Int = 2, length: Int = 3, isAudit: Bool = false
) -> NewCandidate {
  NewCandidate(
    captures: [newCapture(number)],
    features: FeatureBlock(patches: patches, values: values(patches * length, seed: number)),
    bodySHA256: body, isAudit: isAudit)
}

func newModel(_ number: Int, accepted: Bool = true, parent: Int64? = nil) -> NewModel {
  NewModel(
    sha256: hash(number), path: "models/\(number).loam", parentID: parent, bodySHA256: body,
    labelCount: number, seed: .max - UInt64(number), accuracyBefore: 0.5, accuracyAfter: 0.75,
    accepted: accepted, why: "because")
}

func newPrediction(_ candidate: Int64, score: Double) -> Prediction {
  Prediction(
    candidateID: candidate, classCount: 2, probabilities: [0.25, 0.75, 1, 0], entropy: 0.5,
    diversity: score / 2, score: score, kept: [1, 0])
}

extension SampleStore {
  /// Asks about `candidates`, chosen by score.
  func ask(_ candidates: [Int64], choice: QuestionChoice = .score) throws {
    try ask(
      candidates.map { NewQuestion(candidateID: $0, choice: choice) }, at: noon,
      monotonicNanoseconds: 5)
  }
}

extension Name {
  static func of(_ text: String) throws -> Name { try Name(text) }
}
