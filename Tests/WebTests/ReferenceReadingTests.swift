import FoundationEssentials
import Testing

@testable import Web

/// Our account of the format's reference parser, against what that parser itself answered.
struct ReferenceReadingTests {
  private struct Reading: Decodable, Equatable {
    let title: String
    let summary: String?
    let info: String
    let sections: [String: [[String?]]]
  }

  @Test(arguments: ReferenceCases.all.indices)
  func itReadsAsTheReferenceParserDoes(index: Int) throws {
    let (name, text, expected) = ReferenceCases.all[index]
    let reading = LLMSFile(text).reference
    guard expected != "crash" else {
      #expect(reading.crashes, "\(name)")
      return
    }
    let head = try #require(reading.head, "\(name)")
    #expect(reading.unreadableLines.isEmpty, "\(name)")
    let sections = reading.sections.filter { !$0.isOverwritten }.map {
      ($0.name, $0.links.map { [$0.title, $0.url, $0.description] })
    }
    let actual = Reading(
      title: head.title, summary: head.summary, info: head.info, sections: Dictionary(uniqueKeysWithValues: sections))
    #expect(try actual == JSONDecoder().decode(Reading.self, from: Data(expected.utf8)), "\(name)")
  }

  /// The lines that the parser fails at are the ones to mend.
  @Test func theLinesThatItFailsAtAreNamed() {
    let file = LLMSFile("# T\n\n> s\n\ninfo\n\n## A\n\n- [a](b)\nprose\n* [c](d)\n\n## B\n- [e](f)\n<!-- c -->\n")
    #expect(file.reference.unreadableLines == [10, 11, 15])
    #expect(file.reference.sections.map(\.line) == [7, 13])
  }

  /// Each of these made a plain reading of the expressions quadratic or worse.
  @Test(arguments: [
    "-[", "- ", "#\n", "# a\n", "\n>", ">\n", "##\n", "- [a](", "- [a]", "[", "\n", "- [](x) ", "\\[", "- [a](b) ",
  ])
  func muchOfAnythingIsRead(unit: String) {
    let text = "# T\n\n> s\n\ninfo\n\n## A\n\n" + String(repeating: unit, count: 150_000 / unit.utf8.count)
    let file = LLMSFile(text)
    #expect(file.characters == text.unicodeScalars.count)
    #expect(LLMSFile(String(repeating: unit, count: 150_000 / unit.utf8.count)).hasByteOrderMark == false)
  }
}
