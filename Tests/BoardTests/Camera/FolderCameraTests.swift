import Board
import Glibc
import Testing

@Suite struct FolderCameraTests {
  /// The names that come until nothing has come for 50 ms.
  func drain(_ camera: FolderCamera) throws -> [String] {
    var names: [String] = []
    while let file = try camera.next(timeout: .milliseconds(50)) { names.append(file.name) }
    return names
  }

  @Test("returns what lies there in the order of names, then what arrives in its own")
  func order() throws {
    let folder = try TemporaryFolder()
    for name in ["c.jpg", "a.jpg", "B.JPG", "b.jpeg"] { try folder.write(name) }
    let camera = try FolderCamera(folder: folder.path)
    #expect(try drain(camera) == ["B.JPG", "a.jpg", "b.jpeg", "c.jpg"])
    for name in ["z.jpg", "y.jpg"] { try folder.write(name, [9, 9]) }
    let file = try #require(try camera.next(timeout: .seconds(1)))
    #expect(
      file == CameraFile(path: folder.path + "/z.jpg", name: "z.jpg", byteCount: 2))
    #expect(try drain(camera) == ["y.jpg"])
  }

  @Test("one that may be missing is watched when it comes; another one is refused")
  func missing() throws {
    let parent = try TemporaryFolder()
    let path = parent.path + "/later"
    #expect(throws: CameraError.notAFolder(path: path)) { try FolderCamera(folder: path) }
    let camera = try FolderCamera(folder: path, mayBeMissing: true)
    #expect(throws: CameraError.folderGone(path: path)) { try camera.next(timeout: .zero) }
    try parent.makeFolder("later")
    try parent.write("later/a.jpg")
    #expect(try drain(camera) == ["a.jpg"])
  }

  @Test("passes over hidden, unfinished and other files, folders, pipes and links to folders")
  func filter() throws {
    let folder = try TemporaryFolder()
    let camera = try FolderCamera(folder: folder.path)
    try folder.makeFolder("folder.jpg")
    let pipe = folder.path + "/pipe.jpg"
    try #require(unsafe mkfifo(pipe, 0o644) == 0)
    for name in [
      ".a.jpg", "~a.jpg", "a.jpg~", "a.jpg.part", "a.tmp", "a.txt", "jpg", "in.jpg",
      "folder.jpg/x.jpg",
    ] { try folder.write(name) }
    #expect(try drain(camera) == ["in.jpg"])
    #expect(try drain(FolderCamera(folder: folder.path)) == ["in.jpg"])
    let all = try FolderCamera(
      folder: folder.path, settings: FolderCameraSettings(endings: nil))
    #expect(try drain(all) == ["a.txt", "in.jpg", "jpg"])
  }

  @Test("waits for the writer of a file that lay there half-written at the start")
  func halfWrittenAtStart() throws {
    let folder = try TemporaryFolder()
    try folder.write("b.jpg")
    var writer: OpenFile? = try OpenFile(folder.path + "/a.jpg")
    try writer?.write([1])
    let camera = try FolderCamera(folder: folder.path)
    #expect(try drain(camera) == ["b.jpg"])
    try writer?.write([2])
    #expect(try drain(camera) == [])
    writer = nil
    let file = try #require(try camera.next(timeout: .seconds(1)))
    #expect(file.name == "a.jpg" && file.byteCount == 2)
    #expect(try drain(camera) == [])
  }

  @Test("waits for the writer of a file that begins later, and takes one moved in at once")
  func halfWrittenLater() throws {
    let folder = try TemporaryFolder()
    let camera = try FolderCamera(folder: folder.path)
    var writer: OpenFile? = try OpenFile(folder.path + "/slow.jpg")
    try writer?.write([1])
    try folder.write("copy.part")
    #expect(try drain(camera) == [])
    try folder.rename("copy.part", "copy.jpg")
    #expect(try drain(camera) == ["copy.jpg"])
    writer = nil
    #expect(try drain(camera) == ["slow.jpg"])
  }

  @Test("returns a file once that is completed between the watch and the reading")
  func noDuplicate() throws {
    let folder = try TemporaryFolder()
    let camera = try FolderCamera(folder: folder.path)
    for index in 0..<20 { try folder.write("\(index).jpg") }
    let names = try drain(camera)
    #expect(names.count == 20 && Set(names).count == 20)
    // Written again is a new photo.
    try folder.write("3.jpg", [4])
    #expect(try drain(camera) == ["3.jpg"])
  }

  @Test("harms neither the writers that come while it looks at a file, nor its own process")
  func writersMeetLeases() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try folder.write("a.jpg")
    let camera = try FolderCamera(folder: path)
    // The kernel announces a writer to whoever looks at the file by a signal that can kill.
    let writers = (0..<3).map { _ in
      Background {
        for _ in 0..<5000 { close(unsafe open(path + "/a.jpg", O_WRONLY | O_CLOEXEC)) }
      }
    }
    var seen = 0
    while let file = try camera.next(timeout: .milliseconds(200)) {
      #expect(file.name == "a.jpg")
      seen += 1
    }
    for writer in writers { _ = try writer.value() }
    #expect(seen >= 1)
    try folder.write("a.jpg", [1, 2])
    var last: CameraFile?
    while let file = try camera.next(timeout: .milliseconds(50)) { last = file }
    #expect(last?.byteCount == 2)
  }

  @Test("returns every file of a folder with many more than it holds in memory", arguments: [1, 7])
  func bounded(capacity: Int) throws {
    let folder = try TemporaryFolder()
    let names = (0..<100).map { "\($0).jpg" }
    for name in names { try folder.write(name) }
    let camera = try FolderCamera(
      folder: folder.path, settings: FolderCameraSettings(capacity: capacity))
    #expect(try drain(camera) == names.sorted())
  }

  @Test("misses nothing when more arrives at once than it holds in memory")
  func arrivalsBeyondCapacity() throws {
    let folder = try TemporaryFolder()
    let camera = try FolderCamera(
      folder: folder.path, settings: FolderCameraSettings(capacity: 5))
    let names = (0..<60).map { "\($0).jpg" }
    for name in names { try folder.write(name) }
    #expect(try Set(drain(camera)) == Set(names))
  }

  @Test("looks below only when told to, also into folders that come later")
  func recursive() throws {
    let folder = try TemporaryFolder()
    try folder.makeFolder("cat")
    try folder.makeFolder(".trash")
    for name in ["b.jpg", "cat/a.jpg", ".trash/x.jpg"] { try folder.write(name) }
    let flat = try FolderCamera(folder: folder.path)
    let deep = try FolderCamera(
      folder: folder.path, settings: FolderCameraSettings(recursive: true))
    #expect(try drain(deep) == ["b.jpg", "cat/a.jpg"])
    try folder.makeFolder("dog")
    try folder.write("dog/1.jpg")
    try folder.write("cat/2.jpg")
    #expect(try Set(drain(deep)) == ["dog/1.jpg", "cat/2.jpg"])
    try folder.makeFolder("dog/inner")
    try folder.write("dog/inner/3.jpg")
    #expect(try drain(deep) == ["dog/inner/3.jpg"])
    try folder.write("dog/inner/4.jpg")
    #expect(try drain(deep) == ["dog/inner/4.jpg"])
    #expect(try drain(flat) == ["b.jpg"])
  }

  @Test("refuses to watch more folders than it may")
  func tooManyFolders() throws {
    let folder = try TemporaryFolder()
    for index in 0..<4 { try folder.makeFolder("\(index)") }
    #expect(throws: CameraError.tooManyFolders(path: folder.path, most: 3)) {
      try FolderCamera(
        folder: folder.path, settings: FolderCameraSettings(recursive: true, mostFolders: 3))
    }
  }

  @Test("misses no file that arrives together with a folder too many")
  func fileBesideTooManyFolders() throws {
    let folder = try TemporaryFolder()
    let camera = try FolderCamera(
      folder: folder.path, settings: FolderCameraSettings(recursive: true, mostFolders: 1))
    #expect(try drain(camera) == [])
    try folder.makeFolder("one")
    try folder.write("a.jpg")
    #expect(throws: CameraError.tooManyFolders(path: folder.path, most: 1)) {
      try camera.next(timeout: .seconds(1))
    }
    #expect(try drain(camera) == ["a.jpg"])
  }

  @Test("says that its folder is gone, and goes on when it is back")
  func folderGone() throws {
    let parent = try TemporaryFolder()
    try parent.makeFolder("in")
    try parent.write("in/a.jpg")
    let camera = try FolderCamera(folder: parent.path + "/in")
    #expect(try drain(camera) == ["a.jpg"])
    TemporaryFolder.remove(parent.path + "/in")
    let gone = CameraError.folderGone(path: parent.path + "/in")
    #expect(throws: gone) { try camera.next(timeout: .seconds(1)) }
    let started = ContinuousClock.now
    #expect(throws: gone) { try camera.next(timeout: .milliseconds(50)) }
    #expect(ContinuousClock.now - started >= .milliseconds(50))
    try parent.makeFolder("in")
    try parent.write("in/b.jpg")
    #expect(try drain(camera) == ["b.jpg"])
    try parent.rename("in", "out")
    #expect(throws: gone) { try camera.next(timeout: .seconds(1)) }
  }

  @Test("refuses what is no folder")
  func notAFolder() throws {
    let folder = try TemporaryFolder()
    try folder.write("file.jpg")
    for name in ["none", "file.jpg"] {
      #expect(throws: CameraError.notAFolder(path: folder.path + "/" + name)) {
        try FolderCamera(folder: folder.path + "/" + name)
      }
    }
  }
}
