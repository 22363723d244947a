import FoundationEssentials
import Simulation
import Tensors

/// A result and a run as a simulation could have found them, made up from a seed, with names that
/// try to break out of the page.
enum SampleReport {
  static let names = [
    "aift", "random", "margin", "entropy", "least-confidence", "bald", "badge", "coreset",
    "typiclust", "probcover",
  ]
  static let classes = ["daisy", "dandelion", "rose", "sunflower", "tulip \"red\" & <wild>"]
  static let labels = [10, 20, 30, 40, 60, 80, 120, 160, 240, 320, 480, 640]

  /// Ten strategies with ten seeds.
  static let standard = result()

  /// A result on made-up flowers.
  static func result(
    data: String = "flowers5", names: [String] = names, labels: [Int] = labels, seeds: Int = 10,
    full: Double = 0.936
  ) -> SimulationResult {
    let runs = names.enumerated().map { place, name in
      let speed = name == StrategyResult.random ? 0.72 : 1.28 - 0.06 * Double(place)
      let accuracies = (0..<seeds).map { seed in
        var random = SeededRandom(seed: UInt64(seed), stream: UInt64(place + 1))
        return labels.map { count in
          let noise = (random.unit() + random.unit() - 1) * 0.3
          return full + 0.006 - gap(count, speed) + noise * gap(count, 1.1)
        }
      }
      return StrategyRuns(name: name, labels: labels, accuracies: accuracies, seconds: 12.5)
    }
    return SimulationResult(
      data: data, model: "efficientnet-lite0.loam", classes: classes, candidates: 1_480,
      photos: 1_480, testPhotos: 520, groups: false, fullAccuracy: full, seeds: seeds,
      budget: labels.last ?? 0, batch: 10, growth: 0.5,
      learner: "softmax head on frozen features", labelNoise: 0.05, imbalance: "80 : 20",
      strategies: StrategyResult.all(of: runs, fullAccuracy: full), seconds: 212)
  }

  /// What is missing to the full pool's accuracy: 0.42 with 10 labels, and less the more there are.
  private static func gap(_ count: Int, _ speed: Double) -> Double {
    var gap = 0.42
    var reached = 10.0
    while reached * 1.1 <= Double(count) {
      reached *= 1.1
      gap *= 1 - 0.085 * speed
    }
    return gap
  }

  /// One run with 40 questions.
  static var detail: RunDetail {
    var random = SeededRandom(seed: 7)
    let truth = (0..<520).map { $0 % classes.count }
    let predicted = truth.map { random.unit() < 0.9 ? $0 : random.below(classes.count) }
    let confidences = truth.map { _ in 1 - random.unit() * random.unit() * 0.8 }
    let right = confidences.map { random.unit() < $0 - 0.05 }
    return RunDetail(
      strategy: "aift", seed: 1, labels: 40, classes: classes,
      confusion: confusionMatrix(truth: truth, predicted: predicted, classes: classes.count),
      calibration: Calibration(confidences: confidences, right: right),
      asked: (0..<40).map { question($0, &random) },
      suspects: (0..<3).map { place in
        SuspectLabel(
          photo: "tulip/12\(place)_<script>alert('x')</script>.jpg", given: classes[place],
          suggested: classes[place + 1], probability: 0.97 - 0.04 * Double(place),
          thumbnail: thumbnail(hue: 90 * place))
      })
  }

  private static func question(_ place: Int, _ random: inout SeededRandom) -> AskedPhoto {
    let label = classes[random.below(classes.count)]
    guard place >= 10 else {
      return AskedPhoto(
        number: place + 1, round: 1, candidate: random.below(1_480),
        photo: "\(label)/\(random.below(100_000)).jpg", label: label,
        reason: "typical of the photos around it and far from the others asked so far",
        thumbnail: thumbnail(hue: place * 37))
    }
    let guess = random.unit() < 0.6 ? label : classes[random.below(classes.count)]
    let votes = 5 + random.below(3)
    let other = classes[(place + 1) % classes.count]
    return AskedPhoto(
      number: place + 1, round: 1 + place / 10, candidate: random.below(1_480),
      photo: place == 11
        ? "a very long folder name/with another one in it/\"quoted\" & <b>bold</b> photo name.jpg"
        : "\(label)/\(random.below(100_000)).jpg",
      label: label, reason: "the patches disagree, and \(guess) leads \(other) by little",
      guess: guess, guessProbability: 0.3 + 0.5 * random.unit(), entropy: 1.5 * random.unit(),
      diversity: 0.6 * random.unit(), rank: 1 + random.below(30),
      votes: [
        .init(className: guess, count: votes), .init(className: other, count: 8 - votes),
      ],
      nearest: (0..<3).map { nearest in
        .init(
          photo: "\(label)/\(random.below(100_000)).jpg",
          label: nearest < 2 ? label : other, cosine: 0.93 - 0.05 * Double(nearest))
      },
      thumbnail: place % 9 == 8 ? nil : thumbnail(hue: place * 37))
  }

  /// A shaded 24-bit bitmap of 16 × 16 points as a data URI.
  private static func thumbnail(hue: Int) -> String {
    let (side, header) = (16, 54)
    var bytes: [UInt8] = [0x42, 0x4D]
    for value in [header + side * side * 3, 0, header, 40, side, side] {
      bytes += (0..<4).map { UInt8(value >> ($0 * 8) & 255) }
    }
    bytes += [1, 0, 24, 0] + [UInt8](repeating: 0, count: 24)
    for row in 0..<side {
      for column in 0..<side {
        bytes += [
          UInt8((hue * 5 + row * 9) % 256), UInt8((120 + column * 7) % 256),
          UInt8((hue * 3 + column * row) % 256),
        ]
      }
    }
    return "data:image/bmp;base64," + Data(bytes).base64EncodedString()
  }

  /// The page about `result` and `detail`.
  static var page: HTMLPage {
    HTMLPage(
      standard, detail: detail, emphasised: "aift",
      command: "loam simulate --model efficientnet-lite0.loam --data 'flowers <5>' "
        + "--strategy \(names.joined(separator: ",")) --seeds 10 --batch 10 --budget 640 "
        + "--html report.html")
  }
}
