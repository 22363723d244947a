/// How motion is told from noise and from changes of light.
package struct MotionSettings: Hashable, Sendable {
  /// By how many of 255 steps a pixel must differ from the background to count as changed.
  package var threshold: Int
  /// The share of changed pixels from which on something moves, 0...1.
  package var share: Double
  /// The background goes 1 / 2^this of the way to each picture in which nothing moves.
  package var quietShift: Int
  /// The same for pictures in which something moves: slower, so that a thing in motion does not
  /// paint itself into the background.
  package var movingShift: Int
  /// Pictures from which the background is learned before anything counts as motion.
  package var learningPictures: Int
  /// Pictures without motion after which the next motion is a new one.
  package var quietPictures: Int

  /// Settings for a fixed camera that gives a few small pictures a second, unless said otherwise.
  package init(
    threshold: Int = 20, share: Double = 0.01, quietShift: Int = 4, movingShift: Int = 6,
    learningPictures: Int = 5, quietPictures: Int = 3
  ) {
    self.threshold = min(max(threshold, 1), 255)
    self.share = min(max(share, 0), 1)
    self.quietShift = min(max(quietShift, 1), 7)
    self.movingShift = min(max(movingShift, 1), 7)
    self.learningPictures = max(learningPictures, 1)
    self.quietPictures = max(quietPictures, 1)
  }
}

/// Tells from one small grey picture after the other whether something has moved.
///
/// Each picture is compared with a background that follows slowly. The median difference is taken off first:
/// a change of light over the whole picture (a cloud, a lamp, the camera's exposure) moves all pixels
/// alike and is no motion. What changed and stays (a thing put down, a door left open, a shadow) becomes
/// background: a difference of 100 steps is below the threshold of 20 after about 110 pictures with the
/// settings as they are (64 · ln 5 = 103, and rounding), and a picture's own noise never adds up.
///
/// Good pictures for it have 32 to 160 pixels a side: smaller ones miss small things, larger ones cost
/// time and bring their noise.
///
/// - Complexity: O(pixels) a picture; two bytes a pixel are kept.
package struct MotionDetector: Sendable {
  /// What a picture showed.
  package struct Verdict: Hashable, Sendable {
    /// Share of the pixels that differ from the background, 0...1.
    package var changedShare: Double
    /// Whether something moves.
    package var isMotion: Bool
    /// Whether a motion begins with this picture: the moment to take photos.
    package var begins: Bool
  }

  package let settings: MotionSettings
  private var width = 0
  private var height = 0
  /// 128ths of a step, 0...255 × 128.
  private var background: [Int16] = []
  private var learned = 0
  private var quiet: Int

  /// A detector that has seen nothing.
  package init(settings: MotionSettings = MotionSettings()) {
    self.settings = settings
    quiet = settings.quietPictures
  }

  /// Judges the next picture: `width × height` bytes of brightness, row by row.
  ///
  /// The first pictures, also after a change of size, are never motion: the background is learned from them.
  /// Traps when the number of bytes is another.
  package mutating func feed(_ luma: [UInt8], width: Int, height: Int) -> Verdict {
    precondition(
      width >= 1 && height >= 1 && luma.count == width * height,
      "\(luma.count) bytes are no grey picture of \(width)×\(height)")
    if (width, height) != (self.width, self.height) {
      (self.width, self.height, learned) = (width, height, 0)
      background = luma.map { Int16($0) << 7 }
      quiet = settings.quietPictures
    }
    let share = changedShare(luma)
    let learns = learned < settings.learningPictures
    let isMotion = !learns && share >= settings.share && share > 0
    adapt(to: luma, shift: learns ? 1 : isMotion ? settings.movingShift : settings.quietShift)
    learned = min(learned + 1, settings.learningPictures)
    let begins = isMotion && quiet >= settings.quietPictures
    quiet = isMotion ? 0 : min(quiet + 1, settings.quietPictures)
    return Verdict(changedShare: share, isMotion: isMotion, begins: begins)
  }

  private func changedShare(_ luma: [UInt8]) -> Double {
    let (pixels, background) = (luma.span, background.span)
    var counts = [Int](repeating: 0, count: 511)
    for index in pixels.indices {
      counts[255 + Int(pixels[index]) - Int((background[index] + 64) >> 7)] += 1
    }
    var (median, below) = (0, counts[0])
    while 2 * below < pixels.count {
      median += 1
      below += counts[median]
    }
    let (low, high) = (median - settings.threshold, median + settings.threshold)
    let changed = counts.indices.reduce(0) { $1 < low || $1 > high ? $0 + counts[$1] : $0 }
    return Double(changed) / Double(pixels.count)
  }

  private mutating func adapt(to luma: [UInt8], shift: Int) {
    for index in background.indices {
      let difference = Int16(luma[index]) << 7 - background[index]
      // Towards zero would leave a difference standing for ever when it is small; the step that is
      // left at 128ths is below one step of brightness for every shift that is allowed.
      background[index] += difference >> Int16(shift)
    }
  }
}
