import ActiveLearning
import Testing

@Suite("Lines of loam score")
struct ScoreLineTests {
  @Test("a line in gives a line out, with its id as it was")
  func roundTrip() throws {
    let line = #"{"id": "cell 7", "patches": [[0.4, 0.6], [0.5, 0.5]], "note": "ignored"}"#
    let reply = try ScoreRequest(line: line, number: 1).reply(.published())
    #expect(reply.id == .text("cell 7") && reply.kept == [0, 1])
    #expect(try reply.line.hasPrefix(#"{"diversity":0.08"#))
    #expect(try reply.line.hasSuffix(#""id":"cell 7","kept":[0,1],"score":\#(reply.score)}"#))
    let numbered = try ScoreRequest(line: #"{"id":12,"patches":[[1,0]]}"#, number: 1)
    #expect(try numbered.reply(.init()).line.contains(#""id":12,"#))
  }

  @Test("a column of single numbers is the probability of the second of two classes")
  func oneColumn() throws {
    let single = try ScoreRequest(line: #"{"id":1,"patches":[[0.2],[0.9]]}"#, number: 1)
    let double = try ScoreRequest(line: #"{"id":1,"patches":[[0.8,0.2],[0.1,0.9]]}"#, number: 1)
    #expect(abs(single.reply(.published()).score - double.reply(.published()).score) < 1e-12)
  }

  @Test(
    "what is wrong is named with its line and field",
    arguments: [
      (#"{"id":1,"patches":[]}"#, "patches is empty"),
      (#"{"id":1,"patches":[[]]}"#, "patches[0] is empty"),
      (#"{"id":1,"patches":[[0.5,0.5],[1]]}"#, "patches[1] has 1 probabilities, patches[0] has 2"),
      (#"{"id":1,"patches":[[0.5,0.5],[1.2,-0.2]]}"#, "patches[1][0] is 1.2"),
      (#"{"id":1,"patches":[[0.5,0.5],[0.2,-0.2]]}"#, "patches[1][1] is -0.2"),
      (#"{"id":1,"patches":[[0.5,0.4]]}"#, "patches[0] sums to 0.9"),
      (#"{"id":1,"patches":[[0.5,0.5],["a",1]]}"#, "patches[1][0] has the wrong type"),
      (#"{"id":1,"patches":[[0.5,null]]}"#, "patches[0][1] has the wrong type"),
      (#"{"id":1,"patches":0.5}"#, "patches has the wrong type"),
      (#"{"id":1}"#, #""patches" is missing"#),
      (#"{"patches":[[1,0]]}"#, #""id" is missing"#),
      (#"{"id":[],"patches":[[1,0]]}"#, "id has the wrong type"),
      (#"{"id":1,"patches":[[NaN,1]]}"#, "not a JSON object"),
      (#"{"id":1,"patches":[[0.5,"#, "not a JSON object"),
      ("", "not a JSON object"), ("7", "the line has the wrong type"),
      (#"{"id":1,"patches":[[1e999,0]]}"#, "not a JSON object with usable numbers"),
    ])
  func refused(line: String, problem: String) throws {
    let error = #expect(throws: ScoreLineError.self) { try ScoreRequest(line: line, number: 41) }
    let sentence = try #require(error).description
    #expect(sentence.hasPrefix("line 41: ") && sentence.contains(problem), "\(sentence)")
  }

  @Test("a rounding error of softmax is forgiven, more is not")
  func tolerance() throws {
    _ = try ScoreRequest(line: #"{"id":1,"patches":[[0.3333,0.3333,0.3329]]}"#, number: 1)
    #expect(throws: ScoreLineError.self) {
      try ScoreRequest(line: #"{"id":1,"patches":[[0.333,0.333,0.332]]}"#, number: 1)
    }
  }
}
