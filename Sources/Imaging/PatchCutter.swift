/// Cuts the patches of one photo after the other, each photo decoded once.
///
/// It keeps a copy of the photo reduced to about 1.4 times the patch's sides and cuts from that; patch 0
/// is made in the same pass and equals ``Photo/decode(width:height:fit:filter:)`` byte for byte. All
/// buffers belong to the cutter: after the first photos, a patch allocates nothing, and a photo only
/// what libjpeg takes while it decodes. Not for concurrent use.
package final class PatchCutter {
  /// Of each patch.
  package let width: Int
  /// Of each patch.
  package let height: Int
  package let fit: Photo.Fit
  package let settings: PatchSettings
  package let filter: ResampleFilter

  private var whole: [UInt8]
  private var copy: [UInt8]
  private var copySides = (width: 0, height: 0)
  private var row: [UInt8] = []
  private var wholeResizer = RowResizer()
  private var copyResizer = RowResizer()
  private var patchResizer = RowResizer()
  private var identity: UInt64 = 0
  private var isLoaded = false

  /// A cutter of patches of `width × height`.
  package init(
    width: Int, height: Int, fit: Photo.Fit = .stretch, settings: PatchSettings = PatchSettings(),
    filter: ResampleFilter = .triangle
  ) {
    precondition(
      width >= 1 && height >= 1 && settings.count >= 1,
      "\(settings.count) patches of \(width)×\(height) cannot be cut")
    self.width = width
    self.height = height
    self.fit = fit
    self.settings = settings
    self.filter = filter
    whole = [UInt8](repeating: 0, count: width * height * 3)
    copy = [UInt8](
      repeating: 0, count: Self.copyByteCount(width: width, height: height, settings.count))
  }

  /// Bytes in the buffers of a new cutter of `patches` patches of `width × height`.
  package static func byteCount(width: Int, height: Int, patches: Int) -> Int {
    width * height * 3 + copyByteCount(width: width, height: height, patches)
  }

  private static func copyByteCount(width: Int, height: Int, _ patches: Int) -> Int {
    patches > 1 ? reach(width) * reach(height) * 3 : 0
  }

  /// Bytes in buffers now: grows with the first photos, by their rows, then stays.
  package var workingByteCount: Int {
    whole.count + copy.count + row.count + wholeResizer.byteCount + copyResizer.byteCount
      + patchResizer.byteCount
  }

  /// Decodes `photo`, whose patches are then cut by ``patch(_:into:)``.
  ///
  /// `identity` stands for the photo where patches are drawn: the same settings and identity give the
  /// same cuts. Take it from the photo's hash or the candidate's number, or leave it 0 to cut all
  /// photos alike. After an error there are no patches until a photo is loaded.
  package func load(_ photo: Photo, identity: UInt64 = 0) throws(ImagingError) {
    isLoaded = false
    self.identity = identity
    try photo.withDecoder { (decoder, header) throws(ImagingError) in
      try load(decoder, header)
    }
    isLoaded = true
  }

  /// What makes patch `index` of the photo loaded.
  package func augmentation(_ index: Int) -> Augmentation {
    settings.augmentation(index, identity: identity)
  }

  /// Writes patch `index` of the photo loaded: `[height, width, 3]`, row-major. Patch 0 is the photo
  /// itself. Patches may be asked for in any order and again. Traps if no photo is loaded.
  package func patch(_ index: Int, into output: inout MutableSpan<UInt8>) {
    precondition(isLoaded, "patch \(index) asked for before a photo was loaded")
    precondition(
      (0..<settings.count).contains(index) && output.count == whole.count,
      "patch \(index) of \(settings.count), \(output.count) B for \(width)×\(height)×3")
    guard index > 0 else {
      for i in output.indices { output[i] = whole[i] }
      return
    }
    let augmentation = augmentation(index)
    patchResizer.begin(
      source: copySides, box: augmentation.box(width: copySides.width, height: copySides.height),
      width: width, height: height, filter: filter,
      orientation: Orientation(
        swapsAxes: false, mirrorsColumns: augmentation.mirrorsColumns,
        mirrorsRows: augmentation.mirrorsRows),
      brightness: augmentation.gain)
    let rowByteCount = copySides.width * 3
    for y in 0..<copySides.height where !patchResizer.isComplete {
      let row = copy.span.extracting(y * rowByteCount..<(y + 1) * rowByteCount)
      patchResizer.push(row, into: &output)
    }
  }

  /// Patch `index` of the photo loaded, as a picture of its own.
  package func patch(_ index: Int) -> PixelImage {
    var image = PixelImage(width: width, height: height)
    var output = image.pixels.mutableSpan
    patch(index, into: &output)
    return image
  }

  private func load(_ decoder: Decoder, _ header: PhotoHeader) throws(ImagingError) {
    let part = header.part(width: width, height: height, fit: fit)
    let eighths = header.eighths(part: part, width: width, height: height)
    let shown =
      header.orientation.swapsAxes ? (part.height, part.width) : (part.width, part.height)
    copySides = (
      min(Self.reach(width), Int(shown.0.rounded(.up))),
      min(Self.reach(height), Int(shown.1.rounded(.up)))
    )
    let cutsPatches = settings.count > 1
    var wholeOutput = whole.mutableSpan
    var copyOutput = copy.mutableSpan
    try decoder.decodeRows(
      eighths: eighths, buffer: &row,
      start: { source in
        let box = part.scaled(eighths: eighths, limits: source)
        wholeResizer.begin(
          source: source, box: box, width: width, height: height, filter: filter,
          orientation: header.orientation)
        guard cutsPatches else { return }
        copyResizer.begin(
          source: source, box: box, width: copySides.width, height: copySides.height,
          filter: filter, orientation: header.orientation)
      },
      row: { row in
        wholeResizer.push(row, into: &wholeOutput)
        if cutsPatches { copyResizer.push(row, into: &copyOutput) }
      })
  }

  /// The side of the copy for a side of the patch.
  private static func reach(_ side: Int) -> Int {
    Int((Double(side) * Photo.oversampling).rounded(.up))
  }
}

extension Photo {
  /// All patches of this photo, in order; for where a few pictures more or less do not matter.
  package func patches(
    width: Int, height: Int, fit: Fit = .stretch, settings: PatchSettings = PatchSettings(),
    identity: UInt64 = 0
  ) throws(ImagingError) -> [PixelImage] {
    let cutter = PatchCutter(width: width, height: height, fit: fit, settings: settings)
    try cutter.load(self, identity: identity)
    return (0..<settings.count).map { cutter.patch($0) }
  }
}
