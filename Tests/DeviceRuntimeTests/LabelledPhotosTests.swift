import DeviceRuntime
import Foundation
import Testing

@Suite("A set of labelled photos")
struct LabelledPhotosTests {
  private func folder() throws -> String {
    let path = FileManager.default.temporaryDirectory.path + "/loam-set-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  private func table(_ text: String) throws -> LabelledPhotos {
    let path = try folder() + "/index.csv"
    try Data(text.utf8).write(to: URL(filePath: path))
    return try LabelledPhotos(path: path)
  }

  @Test("is read from a table with quotes, a split, and an unsure label")
  func csv() throws {
    let set = try table(
      "path,label,group,split\r\n\"a, b.jpg\",cat,g1,pool\r\nc.jpg,dog,,test\r\nd.jpg,unsure,g2,pool\r\n"
    )
    #expect(set.classes == ["cat", "dog"])
    #expect(set.pool.map(\.label) == ["cat", "unsure"])
    #expect(set.heldOut.map(\.label) == ["dog"])
    #expect(set.pool[0].path.hasSuffix("/a, b.jpg"))
    #expect(set.heldOut[0].group == "c.jpg")
  }

  @Test("never splits a group when the table has no split")
  func groups() throws {
    var text = "label,path,group\n"
    for index in 0..<300 { text += "\(index % 2 == 0 ? "x" : "y"),p\(index).jpg,g\(index / 3)\n" }
    let set = try table(text)
    let pool = Set(set.pool.map(\.group))
    let test = Set(set.heldOut.map(\.group))
    #expect(pool.isDisjoint(with: test))
    #expect((15...45).contains(test.count))
  }

  @Test(
    "says which line is wrong and what was expected",
    arguments: [
      ("path,label\na.jpg\n", "line 2"), ("", "line 1"), ("file,class\na,b\n", "path,label"),
      ("path,label\na.jpg,x\n", "1 classes"), ("path,label\n", "no JPEG"),
    ])
  func bad(text: String, expected: String) throws {
    let error = #expect(throws: LabelledPhotosError.self) { try table(text) }
    #expect("\(try #require(error))".contains(expected))
  }

  @Test("is read from a folder per class")
  func folders() throws {
    let root = try folder()
    for (label, count) in [("cat", 20), ("dog", 20)] {
      try FileManager.default.createDirectory(
        atPath: "\(root)/\(label)", withIntermediateDirectories: true)
      for index in 0..<count {
        try Data().write(to: URL(filePath: "\(root)/\(label)/\(index).JPG"))
      }
    }
    let set = try LabelledPhotos(path: root)
    #expect(set.photos.count == 40)
    #expect(set.classes == ["cat", "dog"])
  }
}
