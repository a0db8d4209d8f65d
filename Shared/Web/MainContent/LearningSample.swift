/// The training data of one page for the script `train`: its blocks with their features, and the words of classes and
/// text.
package struct LearningSample: Encodable {
  package let blockFeatures = BlockFeature.allCases.map { "\($0)" }
  package let pageFacts = PageFacts.names
  /// The values of the feature `tag` for headings.
  package let headingTags = (Tag.h1.rawValue...Tag.h6.rawValue).map(Int.init)
  let facts: [Float]
  let elements: [Element]
  let blocks: [Block]

  struct Element: Encodable {
    let parent: Int
    /// The hashes of the words in classes and ids.
    let words: [UInt32]

    func encode(to encoder: any Encoder) throws {
      var values = encoder.unkeyedContainer()
      try values.encode(parent)
      for word in words { try values.encode(word) }
    }
  }

  struct Block: Encodable {
    let element: Int
    let text: String
    /// The hashes of its first words.
    let words: [UInt32]
    let features: [Float]
    let probability: Float
  }

  package init(_ bytes: [UInt8], url: NormalizedURL) {
    let document = HTMLParser.parse(Charset.utf8(bytes, headerCharset: nil))
    let page = TextBlocks(document)
    let pageFacts = PageFacts(document, url: url)
    let shape = PageShape(page, title: pageFacts.title)
    facts = pageFacts.numbers(shape)
    let features = BlockFeatures(shape, guess: PageGuess.probabilities(facts))
    elements = page.elements.map { Element(parent: $0.parent, words: Self.words(of: $0, in: document)) }
    blocks = page.blocks.indices.map { index in
      let block = page.blocks[index]
      let row = features.row(index)
      return Block(
        element: block.element, text: String(decoding: page.text(of: block), as: UTF8.self),
        words: block.statistics.firstWords,
        features: Array(row), probability: ContentModel.probability(row))
    }
  }

  private static func words(of element: TextBlocks.Element, in document: HTMLDocument) -> [UInt32] {
    let node = document.nodes[element.node]
    var words: [UInt32] = []
    for attribute in document.attributes[Int(node.start)..<Int(node.start + node.count)] {
      guard let prefix = ClassWords.prefix(of: attribute.name) else { continue }
      let value = document.bytes[Int(attribute.start)..<Int(attribute.start + attribute.count)]
      ClassWords.forEach(in: value, prefix: prefix) { words.append($0) }
    }
    return words
  }
}
