import Fetch
import Testing

@Suite struct FetchResponseTests {
  @Test(
    "RFC 9110, section 8.3: the media type is lower-cased and without parameters",
    arguments: [
      ("text/html", "text/html", nil),
      ("Text/HTML; Charset=UTF-8", "text/html", "utf-8"),
      ("text/html;charset=\"iso-8859-1\"; a=b", "text/html", "iso-8859-1"),
      ("text/html; charset='gbk'", "text/html", "gbk"),
      ("text/html; charset= utf-8", "text/html", "utf-8"),
      ("text/html; charset=", "text/html", nil),
      ("", "", nil),
    ] as [(String, String, String?)])
  func contentType(header: String, mediaType: String, charset: String?) {
    let response = FetchResponse(status: 200, headers: ["content-type": header])
    #expect(response.mediaType == mediaType)
    #expect(response.charset == charset)
  }

  @Test("without the header, media type and charset are nil")
  func noContentType() {
    #expect(FetchResponse(status: 200).mediaType == nil)
    #expect(FetchResponse(status: 200).charset == nil)
  }
}
