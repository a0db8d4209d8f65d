import FoundationEssentials
import Testing

@testable import Web

/// Compares ``ReferenceParserResult`` with the results of the reference parser itself.
struct ReferenceParserTests {
  private struct ParsedFile: Decodable, Equatable {
    let title: String
    let summary: String?
    let info: String
    let sections: [String: [[String?]]]
  }

  @Test(arguments: ReferenceCases.all.indices)
  func resultEqualsThatOfTheReferenceParser(index: Int) throws {
    let (name, text, expected) = ReferenceCases.all[index]
    let result = LLMSFile(text).reference
    guard expected != "crash" else {
      #expect(result.crashes, "\(name)")
      return
    }
    let head = try #require(result.head, "\(name)")
    #expect(result.unreadableLines.isEmpty, "\(name)")
    let sections = result.sections.filter { !$0.isOverwritten }.map {
      ($0.name, $0.links.map { [$0.title, $0.url, $0.description] })
    }
    let actual = ParsedFile(
      title: head.title, summary: head.summary, info: head.info, sections: Dictionary(uniqueKeysWithValues: sections))
    #expect(try actual == JSONDecoder().decode(ParsedFile.self, from: Data(expected.utf8)), "\(name)")
  }

  /// A validator reports these lines to the author.
  @Test func linesThatRaiseAnErrorAreListed() {
    let file = LLMSFile("# T\n\n> s\n\ninfo\n\n## A\n\n- [a](b)\nprose\n* [c](d)\n\n## B\n- [e](f)\n<!-- c -->\n")
    #expect(file.reference.unreadableLines == [10, 11, 15])
    #expect(file.reference.sections.map(\.line) == [7, 13])
  }

  /// With each of these units, a naive implementation of the expressions takes quadratic time or more.
  @Test(arguments: [
    "-[", "- ", "#\n", "# a\n", "\n>", ">\n", "##\n", "- [a](", "- [a]", "[", "\n", "- [](x) ", "\\[", "- [a](b) ",
  ])
  func repeatedTextIsParsedInLinearTime(unit: String) {
    let text = "# T\n\n> s\n\ninfo\n\n## A\n\n" + String(repeating: unit, count: 150_000 / unit.utf8.count)
    let file = LLMSFile(text)
    #expect(file.characters == text.unicodeScalars.count)
    #expect(LLMSFile(String(repeating: unit, count: 150_000 / unit.utf8.count)).hasByteOrderMark == false)
  }
}
