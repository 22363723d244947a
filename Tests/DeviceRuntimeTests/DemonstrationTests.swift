import Foundation
import Testing

@testable import DeviceRuntime

@Suite("A demonstration")
struct DemonstrationTests {
  @Test("takes each distinct photo once, as many as asked for and no more")
  func distinct() throws {
    let world = try World()
    var photos: [LabelledPhotos.Photo] = []
    for index in 0..<30 {
      let path = try world.photo(index)
      let copy = path + ".copy.jpg"
      try FileManager.default.copyItem(atPath: path, toPath: copy)
      let label = World.classes[index % 2]
      for place in [path, copy] {
        photos.append(.init(path: place, label: label, group: path, isHeldOut: index >= 15))
      }
    }
    let set = LabelledPhotos(source: "test", photos: photos)
    func demonstration(_ count: Int) throws -> Demonstration {
      try Demonstration(
        photos: set,
        settings: .init(
          baseModel: "", folder: "", poolCount: count, heldOutCount: 20, batch: 4, questions: 8,
          memoryBudget: 1, flips: [], seed: 1, executable: ""),
        screen: DemoScreen(usesColour: false) { _ in })
    }
    #expect(try demonstration(100).pool.count == 15)
    #expect(try demonstration(12).pool.count == 12)
    #expect(throws: LabelledPhotosError.self) { try demonstration(5) }
  }
}
