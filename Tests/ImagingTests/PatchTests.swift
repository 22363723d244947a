import Testing

@testable import Imaging

@Suite("Patches")
struct PatchTests {
  @Test("patch 0 is the photo as decoded", arguments: Photo.Fit.allCases)
  func first(fit: Photo.Fit) throws {
    for (name, width, height) in [("large", 64, 64), ("rgb", 60, 80), ("orientation6", 20, 30)] {
      let photo = Fixture.photo(name)
      let patches = try photo.patches(width: width, height: height, fit: fit)
      #expect(patches.count == 8)
      #expect(try patches[0] == photo.decode(width: width, height: height, fit: fit))
    }
  }

  @Test("the same seed and photo give the same bytes, others give others")
  func seeds() throws {
    func patches(seed: UInt64, identity: UInt64) throws -> [PixelImage] {
      try Fixture.photo("large").patches(
        width: 32, height: 32, settings: PatchSettings(seed: seed), identity: identity)
    }
    let first = try patches(seed: 1, identity: 1)
    #expect(try patches(seed: 1, identity: 1) == first)
    #expect(try patches(seed: 2, identity: 1).dropFirst() != first.dropFirst())
    #expect(try patches(seed: 1, identity: 2).dropFirst() != first.dropFirst())
    #expect(Set(first.map(\.pixels)).count == 8)
  }

  @Test("a patch does not depend on which were cut before")
  func order() throws {
    let cutter = PatchCutter(width: 24, height: 24)
    try cutter.load(Fixture.photo("large"))
    let forward = (0..<8).map { cutter.patch($0) }
    let backward = (0..<8).reversed().map { cutter.patch($0) }
    #expect(Array(backward.reversed()) == forward)
  }

  @Test("with everything off every patch shows the whole photo")
  func nothing() throws {
    let settings = PatchSettings(
      count: 4, seed: 3, crops: false, flips: [], scales: 1...1, brightness: 0)
    #expect((1..<4).allSatisfy { settings.augmentation($0, identity: 9) == Augmentation() })
    let patches = try Fixture.photo("rgb").patches(width: 96, height: 72, settings: settings)
    #expect(patches.allSatisfy { $0 == patches[0] })
  }

  @Test("switching one kind of change off leaves the others as they were")
  func independent() {
    let all = PatchSettings(seed: 4, flips: [.horizontal, .vertical])
    var noFlips = all
    noFlips.flips = []
    var steady = all
    steady.brightness = 0
    for index in 1..<8 {
      let full = all.augmentation(index, identity: 1)
      var expected = full
      (expected.mirrorsColumns, expected.mirrorsRows) = (false, false)
      #expect(noFlips.augmentation(index, identity: 1) == expected)
      expected = full
      expected.gain = 1
      #expect(steady.augmentation(index, identity: 1) == expected)
    }
  }

  /// 7,000 draws: the mean of a uniform share has a standard error of 0.0035; five of them allowed.
  @Test("draws are spread as documented")
  func distribution() {
    let settings = PatchSettings(seed: 11, flips: [.horizontal, .vertical], scales: 0.5...0.9)
    let draws = (0..<1000).flatMap { photo in
      (1..<8).map { settings.augmentation($0, identity: UInt64(photo)) }
    }
    func mean(_ value: (Augmentation) -> Double) -> Double {
      draws.map(value).reduce(0, +) / Double(draws.count)
    }
    #expect(draws.allSatisfy { (0.5...0.9).contains($0.scale) && (0.9...1.1).contains($0.gain) })
    #expect(abs(mean { $0.scale } - 0.7) < 0.01)
    #expect(abs(mean { $0.x } - 0.5) < 0.0175 && abs(mean { $0.y } - 0.5) < 0.0175)
    #expect(abs(mean { $0.gain } - 1) < 0.005)
    #expect(abs(mean { $0.mirrorsColumns ? 1 : 0 } - 0.5) < 0.03)
    #expect(abs(mean { $0.mirrorsRows ? 1 : 0 } - 0.5) < 0.03)
  }

  @Test("cuts lie inside the copy and reach its edges")
  func boxes() {
    for (width, height) in [(1, 1), (2, 3), (45, 45), (314, 280)] {
      for scale in [0.1, 0.5, 0.75, 1] {
        for place in [0, 0.25, 0.999_999_999] {
          let box = Augmentation(scale: scale, x: place, y: place).box(width: width, height: height)
          #expect(box.x >= 0 && box.width >= 1 && box.x + box.width <= Double(width))
          #expect(box.y >= 0 && box.height >= 1 && box.y + box.height <= Double(height))
          if place > 0.9 { #expect(box.x + box.width == Double(width)) }
        }
      }
    }
  }

  @Test("flips mirror, brightness scales")
  func changes() throws {
    let image = drawing(width: 30, height: 20)
    let photo = Photo(bytes: try encodeJPEG(image), name: "drawn")
    func patch(_ settings: PatchSettings) throws -> (PixelImage, PixelImage, Augmentation) {
      let cutter = PatchCutter(width: 30, height: 20, settings: settings)
      try cutter.load(photo)
      return (cutter.patch(0), cutter.patch(1), cutter.augmentation(1))
    }
    var flips = PatchSettings(crops: false, flips: [.horizontal, .vertical], scales: 1...1)
    flips.brightness = 0
    var seen = Set<Augmentation>()
    for seed in 0..<16 {
      flips.seed = UInt64(seed)
      let (whole, patch, how) = try patch(flips)
      seen.insert(how)
      for (x, y) in [(0, 0), (29, 0), (3, 17)] {
        let from = (how.mirrorsColumns ? 29 - x : x, how.mirrorsRows ? 19 - y : y)
        #expect(patch.pixels[(y * 30 + x) * 3] == whole.pixels[(from.1 * 30 + from.0) * 3])
      }
    }
    #expect(seen.count == 4)
    let (whole, bright, how) = try patch(
      PatchSettings(seed: 5, crops: false, scales: 1...1, brightness: 0.5))
    #expect(how.gain != 1)
    let expected = whole.pixels.map {
      UInt8(min(255, (Double($0) * how.gain).rounded(.toNearestOrEven)))
    }
    #expect(bright.pixels == expected)
  }

  @Test("loading and cutting the same sizes again takes no more memory")
  func steadyState() throws {
    let cutter = PatchCutter(
      width: 48, height: 48, settings: PatchSettings(crops: false, scales: 0.8...0.8))
    try cutter.load(Fixture.photo("large"))
    var bytes = [UInt8](repeating: 0, count: 48 * 48 * 3)
    var counts: [Int] = []
    for _ in 0..<3 {
      try cutter.load(Fixture.photo("large"))
      for index in 0..<8 {
        var span = bytes.mutableSpan
        cutter.patch(index, into: &span)
      }
      counts.append(cutter.workingByteCount)
    }
    #expect(counts == [counts[0], counts[0], counts[0]])
  }
}

@Suite("Resampling")
struct ResamplingTests {
  /// The same two passes in `Double`, saturated but not rounded between them. The bytes may be off by
  /// half a level of the first pass, enlarged by the second (1.4 times at most), and half of its own.
  @Test("equals the formula in Double within its two roundings", arguments: ResampleFilter.allCases)
  func formula(filter: ResampleFilter) throws {
    var random = SplitMix64(mixing: 77)
    for _ in 0..<12 {
      func side() -> Int { 1 + Int(random.next() % 40) }
      let image = drawing(width: side(), height: side(), seed: random.next())
      let (width, height) = (side(), side())
      let result = image.resized(width: width, height: height, filter: filter)
      let across = weights(image.width, width, filter)
      let down = weights(image.height, height, filter)
      var worst = 0.0
      for (x, channel) in (0..<width).flatMap({ x in (0..<3).map { (x, $0) } }) {
        let column = (0..<image.height).map { j in
          saturated(across[x]) { Double(image.pixels[(j * image.width + $0) * 3 + channel]) }
        }
        for y in 0..<height {
          let exact = saturated(down[y]) { column[$0] }
          let found = Double(result.pixels[(y * width + x) * 3 + channel])
          worst = max(worst, abs(found - exact))
        }
      }
      #expect(worst <= 1.2 + 1e-3, "\(image.width)×\(image.height) to \(width)×\(height)")
    }
  }

  /// What `CImaging/resample.c` relies on so that no sum leaves 32 bits.
  @Test("weights add up to one, and to at most 1.4 in size", arguments: ResampleFilter.allCases)
  func weightSums(filter: ResampleFilter) {
    var random = SplitMix64(mixing: 8)
    var axis = AxisWeights()
    let one = Double(1 << 22)
    for _ in 0..<400 {
      let inputs = 1 + Int(random.next() % 300)
      let length = max(0.125, Double(inputs) * random.unit())
      let start = (Double(inputs) - length) * random.unit()
      let outputs = 1 + Int(random.next() % 60)
      axis.prepare(inputs: inputs, start: start, length: length, outputs: outputs, filter: filter)
      let holds = (0..<outputs).allSatisfy { output in
        let (first, count) = (Int(axis.firsts[output]), Int(axis.counts[output]))
        guard first >= 0, count >= 1, count <= axis.stride, first + count <= inputs else {
          return false
        }
        let weights = axis.weights[output * axis.stride..<output * axis.stride + count]
        let sum = Double(weights.reduce(0, +)) / one
        let size = weights.reduce(0) { $0 + abs(Double($1)) } / one
        return abs(sum - 1) < Double(count) / one && size < 1.4
      }
      #expect(holds, "\(length) of \(inputs) pixels from \(start) to \(outputs)")
    }
  }

  private func saturated(_ weights: [Double], _ value: (Int) -> Double) -> Double {
    var sum = 0.0
    for (i, weight) in weights.enumerated() where weight != 0 { sum += weight * value(i) }
    return max(0, min(255, sum))
  }

  @Test("a plain picture stays plain", arguments: ResampleFilter.allCases)
  func plain(filter: ResampleFilter) {
    for value in [0, 1, 127, 254, 255] as [UInt8] {
      let image = PixelImage(width: 37, height: 11, filledWith: value)
      for (width, height) in [(1, 1), (5, 90), (37, 11), (36, 12)] {
        let resized = image.resized(width: width, height: height, filter: filter)
        #expect(resized == PixelImage(width: width, height: height, filledWith: value))
      }
    }
  }

  @Test("turning commutes with EXIF's definition", arguments: 1...8)
  func turning(value: Int) throws {
    let image = drawing(width: 9, height: 6, seed: UInt64(value))
    let orientation = try #require(Orientation(exif: value))
    let (width, height) = orientation.swapsAxes ? (6, 9) : (9, 6)
    var turned = PixelImage(width: width, height: height)
    var resizer = RowResizer()
    resizer.begin(
      source: (9, 6), box: PixelBox(width: 9, height: 6), width: width, height: height,
      filter: .triangle, orientation: orientation)
    var output = turned.pixels.mutableSpan
    for y in 0..<6 { resizer.push(image.pixels[(y * 27)..<(y * 27 + 27)].span, into: &output) }
    let isComplete = resizer.isComplete
    #expect(isComplete)
    for y in 0..<6 {
      for x in 0..<9 where (x + y) % 2 == 0 {
        // Where the standard says that the stored pixel is seen.
        let places = [
          (x, y), (8 - x, y), (8 - x, 5 - y), (x, 5 - y), (y, x), (5 - y, x), (5 - y, 8 - x),
          (y, 8 - x),
        ]
        let (column, row) = places[value - 1]
        let seen = turned.pixels[(row * width + column) * 3]
        #expect(seen == image.pixels[(y * 9 + x) * 3])
      }
    }
  }

  private func weights(_ inputs: Int, _ outputs: Int, _ filter: ResampleFilter) -> [[Double]] {
    let scale = Double(inputs) / Double(outputs)
    let stretch = max(1, scale)
    return (0..<outputs).map { output in
      let centre = (Double(output) + 0.5) * scale
      let raw = (0..<inputs).map { filter.weight((Double($0) + 0.5 - centre) / stretch) }
      let sum = raw.reduce(0, +)
      return raw.map { $0 / sum }
    }
  }
}
