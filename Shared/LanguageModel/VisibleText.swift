/// A text without its invisible characters.
struct VisibleText {
  let text: String
  /// Whether the invisible characters may encode a message: many Unicode tags, direction overrides, or a long run of
  /// invisible characters.
  let isSuspicious: Bool
  let originalBytes: Int

  init(_ original: String) {
    var kept = String.UnicodeScalarView()
    var tags = 0
    var directionOverrides = 0
    var run = 0
    var longestRun = 0
    for scalar in original.unicodeScalars {
      guard Self.isHidden(scalar) else {
        run = 0
        kept.append(scalar)
        continue
      }
      run += 1
      longestRun = max(longestRun, run)
      if 0xe0000...0xe007f ~= scalar.value { tags += 1 }
      if 0x202d...0x202e ~= scalar.value { directionOverrides += 1 }
    }
    text = String(kept)
    originalBytes = original.utf8.count
    // The flag of a part of a country has six tags (UTS 51, annex C).
    isSuspicious = tags > 12 || directionOverrides > 0 || longestRun > 12
  }

  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0a, 0x0d, 0x20...0x7e: return false
    // Variation selectors, which could encode bytes, and fillers without a glyph.
    case 0xfe00...0xfe0f, 0xe0100...0xe01ef, 0x115f, 0x1160, 0x3164, 0xffa0, 0x034f: return true
    case 0xe0000...0xe007f: return true
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .unassigned, .privateUse, .surrogate: return true
    default: return false
    }
  }
}
