import DeviceRuntime
import Foundation
import Graph
import Inference
import SampleStore
import Testing

@Suite("A device that starts again")
struct RestartTests {
  @Test("goes on with the question that was open, the labels and the model")
  func resumes() throws {
    let world = try World()
    var asked: Int64 = 0
    do {
      let device = try world.device()
      for index in 0..<12 { try device.capture(path: try world.photo(index)) }
      try World.live(device, rounds: 1)
      try device.askIfDue()
      try World.answer(device)
      asked = try #require(device.question).candidate
    }
    let again = try world.device()
    #expect(try again.askIfDue())
    #expect(again.question?.candidate == asked)
    #expect(try again.store.counts().labels == 5)
    #expect(again.model.id == 2)
  }

  @Test("finishes an activation that a power cut left between the slot and the store")
  func reconciles() throws {
    let world = try World()
    do {
      let device = try world.device()
      for index in 0..<12 { try device.capture(path: try world.photo(index)) }
      let slots = try ModelSlots(folder: world.store + "/models")
      let weights = (0..<device.head.weights.count).map { Float($0 % 7) }
      let next = try device.network.replacingHead(
        classes: device.head.classes, weights: weights, bias: [0, 0])
      let path = try slots.stage(next)
      try device.store.recordModel(
        NewModel(
          sha256: LoamFile.open(path).sha256, path: path,
          bodySHA256: next.lineage.bodySHA256, accepted: true, why: "test"),
        at: Stamp(unixMilliseconds: 0, clockTrusted: false))
      try slots.activate(path)
      #expect(try device.store.activeModel()?.id == 1)
    }
    let again = try world.device()
    #expect(again.model.id == 2)
    #expect(try again.store.activeModel()?.id == 2)
    #expect(again.head.weights[1] == 1)
  }

  @Test("keeps the old model when the new one was staged but not activated")
  func stagedOnly() throws {
    let world = try World()
    do {
      let device = try world.device()
      let slots = try ModelSlots(folder: world.store + "/models")
      let weights = [Float](repeating: 3, count: device.head.weights.count)
      _ = try slots.stage(
        device.network.replacingHead(
          classes: device.head.classes, weights: weights, bias: [0, 0]))
    }
    let again = try world.device()
    #expect(again.head.weights.allSatisfy { $0 == 0 })
  }

  @Test("refuses a model with another body, and a budget that is too small, with the number")
  func refuses() throws {
    let world = try World()
    var settings = world.settings
    settings.memoryBudget = 20 << 20
    let error = #expect(throws: DeviceError.self) { try world.device(settings) }
    let text = try #require(error).description
    #expect(text.contains("--memory-budget") && text.contains("MiB"))
    settings.memoryBudget = 128 << 20
    #expect(try world.device(settings).head.classes == World.classes)
  }
}
