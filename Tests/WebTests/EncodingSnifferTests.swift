import FoundationEssentials
import Testing
import Web

/// Detection of the encoding of pages that declare none (HTML standard, section 13.2.3.4, step 9).
struct EncodingSnifferTests {
  /// Pages with one heading, in base64: encodings that must be detected, and similar ones that must not be mistaken
  /// for them.
  private static let pages: [(encoding: String, text: String, bytes: String)] = [
    (
      "cp1251",
      "Прогноз приливов для портов. Мы собираем данные каждый час и считаем таблицы на год вперёд для всех станций побережья.",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+z/Du4+3u5yDv8Ojr6OLu4iDk6/8g7+7w8u7iLiDM+yDx7uHo8ODl7CDk4O3t++Ug6uDm5PvpIPfg8SDoIPH36PLg5ewg8uDh6+j2+yDt4CDj7uQg4u/l8LjkIOTr/yDi8eX1IPHy4O326Okg7+7h5fDl5vz/LjwvaDE+PC9tYWluPjwvYm9keT48L2h0bWw+"
    ),
    (
      "cp1251",
      "Прогноза за приливите за малките пристанища, която се обновява четири пъти на ден и важи за цялото крайбрежие.",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+z/Du4+3u5+Ag5+Ag7/Do6+ji6PLlIOfgIOzg6+ro8uUg7/Do8fLg7ej54Cwg6u7/8u4g8eUg7uHt7uL/4uAg9+Xy6PDoIO/68ugg7eAg5OXtIOgg4uDm6CDn4CD2/+vu8u4g6vDg6eHw5ebo5S48L2gxPjwvbWFpbj48L2JvZHk+PC9odG1sPg=="
    ),
    (
      "koi8-r",
      "Прогноз приливов для портов. Мы собираем данные каждый час и считаем таблицы на год вперёд для всех станций побережья.",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+8NLPx87P2iDQ0snMydfP1yDEzNEg0M/S1M/XLiDt2SDTz8LJ0sHFzSDEwc7O2cUgy8HWxNnKIN7B0yDJINPeydTBxc0g1MHCzMnD2SDOwSDHz8Qg19DF0qPEIMTM0SDX08XIINPUwc7Dycog0M/CxdLF1tjRLjwvaDE+PC9tYWluPjwvYm9keT48L2h0bWw+"
    ),
    (
      "cp932", "この章では潮汐予報の仕組みを詳しく説明します。各港の観測所から毎時間データを集め、表を作成します。",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+grGCzI/NgsWCzZKqjqyXXJXxgsyOZJFngt2C8I/agrWCrZDglr6CtYLcgreBQopljWCCzIrPkaqPioKpgueWiI6eitSDZoFbg16C8I9Xgt+BQZVcgvCN7JCsgrWC3IK3gUI8L2gxPjwvbWFpbj48L2JvZHk+PC9odG1sPg=="
    ),
    (
      "cp932", "サービスの利用について。データのダウンロードとインストールの方法を説明します。",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+g1SBW4Nyg1iCzJeYl3CCyYLCgqKCxIFCg2aBW4NegsyDX4NFg5ODjYFbg2iCxoNDg5ODWINngVuDi4LMlfuWQILwkOCWvoK1gtyCt4FCPC9oMT48L21haW4+PC9ib2R5PjwvaHRtbD4="
    ),
    (
      "euc-jp", "この章では潮汐予報の仕組みを詳しく説明します。各港の観測所から毎時間データを集め、表を作成します。",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+pLOkzr7PpMekz8SsvK7NvcrzpM67xcHIpN+k8r7cpLekr8DizMCkt6TepLmho7PGucGkzrTRwqy96qSrpOnL6Lv+tNalx6G8pb+k8r24pOGhosm9pPK67sCupLek3qS5oaM8L2gxPjwvbWFpbj48L2JvZHk+PC9odG1sPg=="
    ),
    (
      "euc-jp", "サービスの利用について。データのダウンロードとインストールの方法を説明します。",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+pbWhvKXTpbmkzs34zdGky6TEpKSkxqGjpcehvKW/pM6lwKWmpfOl7aG8pcmkyKWkpfOluaXIobyl66TOyv3LoaTywOLMwKS3pN6kuaGjPC9oMT48L21haW4+PC9ib2R5PjwvaHRtbD4="
    ),
    (
      "cp949", "밀물과 썰물을 예측하는 서비스입니다. 작은 항구를 위한 것입니다. 매시간 관측소에서 자료를 모읍니다.",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+udC5sLD6IL3kubDAuyC/ucP4x8+0wiC8rbrxvbrA1LTPtNkuIMDbwLogx9exuLimIMCnx9EgsM3A1LTPtNkuILjFvcOwoyCw/MP4vNK/obytIMDat+G4piC48MC+tM+02S48L2gxPjwvbWFpbj48L2JvZHk+PC9odG1sPg=="
    ),
    (
      "gbk", "本章详细介绍潮汐预报的工作原理。我们每小时从各港口的观测站收集数据,并制作全年的潮位表。",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+sb7Vws/qz7i96cncs7HPq9Sksai1xLmk1/fUrcDtoaPO0sPHw7/QocqxtNO497jbv9q1xLnbsuLVvsrVvK/K/b7dLLKi1sbX98irxOq1xLOxzrux7aGjPC9oMT48L21haW4+PC9ib2R5PjwvaHRtbD4="
    ),
    (
      "big5", "本章詳細介紹潮汐預報的工作原理。我們每小時從各港口的觀測站收集資料,並製作全年的潮位表。",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+pbuzubjUstOktrLQvOmmwbl3s/iquqR1p0Ct7LJ6oUOn2q3MqEOkcK7JsXGmVbTkpGaqusZbtPqvuKastrC46q7GLKjDu3OnQKX+pn6qurzppuyq7aFDPC9oMT48L21haW4+PC9ib2R5PjwvaHRtbD4="
    ),
    (
      "iso2022-jp", "この章では潮汐予報の仕組みを詳しく説明します。各港の観測所から毎時間データを集め、表を作成します。",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+GyRCJDMkTj5PJEckT0QsPC5NPUpzJE47RUFIJF8kcj5cJDckL0BiTEAkNyReJDkhIzNGOUEkTjRRQiw9aiQrJGlLaDt+NFYlRyE8JT8kcj04JGEhIkk9JHI6bkAuJDckXiQ5ISMbKEI8L2gxPjwvbWFpbj48L2JvZHk+PC9odG1sPg=="
    ),
    (
      "utf-16-le",
      "Прогноз приливов для портов. Мы собираем данные каждый час и считаем таблицы на год вперёд для всех станций побережья.",
      "PABoAHQAbQBsAD4APABoAGUAYQBkAD4APAB0AGkAdABsAGUAPgB4ADwALwB0AGkAdABsAGUAPgA8AC8AaABlAGEAZAA+ADwAYgBvAGQAeQA+ADwAbQBhAGkAbgA+ADwAaAAxAD4AHwRABD4EMwQ9BD4ENwQgAD8EQAQ4BDsEOAQyBD4EMgQgADQEOwRPBCAAPwQ+BEAEQgQ+BDIELgAgABwESwQgAEEEPgQxBDgEQAQwBDUEPAQgADQEMAQ9BD0ESwQ1BCAAOgQwBDYENARLBDkEIABHBDAEQQQgADgEIABBBEcEOARCBDAENQQ8BCAAQgQwBDEEOwQ4BEYESwQgAD0EMAQgADMEPgQ0BCAAMgQ/BDUEQARRBDQEIAA0BDsETwQgADIEQQQ1BEUEIABBBEIEMAQ9BEYEOAQ5BCAAPwQ+BDEENQRABDUENgRMBE8ELgA8AC8AaAAxAD4APAAvAG0AYQBpAG4APgA8AC8AYgBvAGQAeQA+ADwALwBoAHQAbQBsAD4A"
    ),
    (
      "utf-16-be",
      "Прогноз приливов для портов. Мы собираем данные каждый час и считаем таблицы на год вперёд для всех станций побережья.",
      "ADwAaAB0AG0AbAA+ADwAaABlAGEAZAA+ADwAdABpAHQAbABlAD4AeAA8AC8AdABpAHQAbABlAD4APAAvAGgAZQBhAGQAPgA8AGIAbwBkAHkAPgA8AG0AYQBpAG4APgA8AGgAMQA+BB8EQAQ+BDMEPQQ+BDcAIAQ/BEAEOAQ7BDgEMgQ+BDIAIAQ0BDsETwAgBD8EPgRABEIEPgQyAC4AIAQcBEsAIARBBD4EMQQ4BEAEMAQ1BDwAIAQ0BDAEPQQ9BEsENQAgBDoEMAQ2BDQESwQ5ACAERwQwBEEAIAQ4ACAEQQRHBDgEQgQwBDUEPAAgBEIEMAQxBDsEOARGBEsAIAQ9BDAAIAQzBD4ENAAgBDIEPwQ1BEAEUQQ0ACAENAQ7BE8AIAQyBEEENQRFACAEQQRCBDAEPQRGBDgEOQAgBD8EPgQxBDUEQAQ1BDYETARPAC4APAAvAGgAMQA+ADwALwBtAGEAaQBuAD4APAAvAGIAbwBkAHkAPgA8AC8AaAB0AG0AbAA+"
    ),
    (
      "utf-16-le", "この章では潮汐予報の仕組みを詳しく説明します。各港の観測所から毎時間データを集め、表を作成します。",
      "PABoAHQAbQBsAD4APABoAGUAYQBkAD4APAB0AGkAdABsAGUAPgB4ADwALwB0AGkAdABsAGUAPgA8AC8AaABlAGEAZAA+ADwAYgBvAGQAeQA+ADwAbQBhAGkAbgA+ADwAaAAxAD4AUzBuMOB6ZzBvMG5vUGyITjFYbjDVTkR9fzCSMHOKVzBPMKyKDmZXMH4wWTACMARUL25uMLOJLG5AYkswiTDOa0Jmk5XHMPwwvzCSMMaWgTABMGiIkjBcTxBiVzB+MFkwAjA8AC8AaAAxAD4APAAvAG0AYQBpAG4APgA8AC8AYgBvAGQAeQA+ADwALwBoAHQAbQBsAD4A"
    ),
    (
      "cp1252",
      "L’été dernier, « à Noël » déjà, nous avons préféré la façade où l’œuvre a été créée; ça coûte 5 € à l’hôtel.",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+TJLpdOkgZGVybmllciwgqyDgIE5v62wguyBk6WrgLCBub3VzIGF2b25zIHBy6WbpcukgbGEgZmHnYWRlIG/5IGySnHV2cmUgYSDpdOkgY3Lp6WU7IOdhIGNv+3RlIDUggCDgIGySaPR0ZWwuPC9oMT48L21haW4+PC9ib2R5PjwvaHRtbD4="
    ),
    (
      "cp1252",
      "Größere Häfen übermitteln „täglich“ ihre Meßwerte – Änderungen für Öffnungszeiten bleiben möglich, süß & schön.",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+R3L232VyZSBI5GZlbiD8YmVybWl0dGVsbiCEdORnbGljaJMgaWhyZSBNZd93ZXJ0ZSCWIMRuZGVydW5nZW4gZvxyINZmZm51bmdzemVpdGVuIGJsZWliZW4gbfZnbGljaCwgc/zfICYgc2No9m4uPC9oMT48L21haW4+PC9ib2R5PjwvaHRtbD4="
    ),
    (
      "cp1252", "¿Qué día? ¡Mañana! El señor Núñez está aquí; la acción y la opinión: «así será» según José Ángel.",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+v1F16SBk7WE/IKFNYfFhbmEhIEVsIHNl8W9yIE768WV6IGVzdOEgYXF17TsgbGEgYWNjafNuIHkgbGEgb3Bpbmnzbjogq2Fz7SBzZXLhuyBzZWf6biBKb3PpIMFuZ2VsLjwvaDE+PC9tYWluPjwvYm9keT48L2h0bWw+"
    ),
    (
      "cp1252",
      "Não há previsões de marés? As informações são atualizadas às três; atenção à ação das ondas, você verá.",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+TuNvIGjhIHByZXZpc/VlcyBkZSBtYXLpcz8gQXMgaW5mb3JtYef1ZXMgc+NvIGF0dWFsaXphZGFzIOBzIHRy6nM7IGF0ZW7n428g4CBh5+NvIGRhcyBvbmRhcywgdm9j6iB2ZXLhLjwvaDE+PC9tYWluPjwvYm9keT48L2h0bWw+"
    ),
    (
      "cp1252",
      "It’s “quoted” — don’t, won’t, can’t, we’ve, they’re; “a” ‘b’ • “c” … it’s © 2026 the site’s own™ and that’s that’s.",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+SXSScyCTcXVvdGVklCCXIGRvbpJ0LCB3b26SdCwgY2FuknQsIHdlknZlLCB0aGV5knJlOyCTYZQgkWKSIJUgk2OUIIUgaXSScyCpIDIwMjYgdGhlIHNpdGWScyBvd26ZIGFuZCB0aGF0knMgdGhhdJJzLjwvaDE+PC9tYWluPjwvYm9keT48L2h0bWw+"
    ),
    (
      "cp1252",
      "Tidvattnet på öarna är högre än väntat; båtägare får själva läsa av pegeln på bryggan för säkerhets skull.",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+VGlkdmF0dG5ldCBw5SD2YXJuYSDkciBo9mdyZSDkbiB25G50YXQ7IGLldORnYXJlIGblciBzauRsdmEgbORzYSBhdiBwZWdlbG4gcOUgYnJ5Z2dhbiBm9nIgc+RrZXJoZXRzIHNrdWxsLjwvaDE+PC9tYWluPjwvYm9keT48L2h0bWw+"
    ),
    (
      "cp1252", "Það er líka hægt að sjá sjávarföllin á þessari síðu, þótt hún sé ekki alltaf rétt við ströndina.",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+3mHwIGVyIGzta2EgaOZndCBh8CBzauEgc2rhdmFyZvZsbGluIOEg/mVzc2FyaSBz7fB1LCD+83R0IGj6biBz6SBla2tpIGFsbHRhZiBy6XR0IHZp8CBzdHL2bmRpbmEuPC9oMT48L21haW4+PC9ib2R5PjwvaHRtbD4="
    ),
    (
      "cp1252", "ÉTÉ À LA CAMPAGNE, FORÊT, ÇA ET LÀ, DÉJÀ VU, ÎLE DE RÉ, GARÇON, HÔTEL, NOËL, AÏE, CAFÉ.",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+yVTJIMAgTEEgQ0FNUEFHTkUsIEZPUspULCDHQSBFVCBMwCwgRMlKwCBWVSwgzkxFIERFIFLJLCBHQVLHT04sIEjUVEVMLCBOT8tMLCBBz0UsIENBRskuPC9oMT48L21haW4+PC9ib2R5PjwvaHRtbD4="
    ),
    (
      "utf-8",
      "Прогноз приливов для портов. Мы собираем данные каждый час и считаем таблицы на год вперёд для всех станций побережья.",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+0J/RgNC+0LPQvdC+0Lcg0L/RgNC40LvQuNCy0L7QsiDQtNC70Y8g0L/QvtGA0YLQvtCyLiDQnNGLINGB0L7QsdC40YDQsNC10Lwg0LTQsNC90L3Ri9C1INC60LDQttC00YvQuSDRh9Cw0YEg0Lgg0YHRh9C40YLQsNC10Lwg0YLQsNCx0LvQuNGG0Ysg0L3QsCDQs9C+0LQg0LLQv9C10YDRkdC0INC00LvRjyDQstGB0LXRhSDRgdGC0LDQvdGG0LjQuSDQv9C+0LHQtdGA0LXQttGM0Y8uPC9oMT48L21haW4+PC9ib2R5PjwvaHRtbD4="
    ),
    (
      "utf-8", "この章では潮汐予報の仕組みを詳しく説明します。各港の観測所から毎時間データを集め、表を作成します。",
      "PGh0bWw+PGhlYWQ+PHRpdGxlPng8L3RpdGxlPjwvaGVhZD48Ym9keT48bWFpbj48aDE+44GT44Gu56ug44Gn44Gv5r2u5rGQ5LqI5aCx44Gu5LuV57WE44G/44KS6Kmz44GX44GP6Kqs5piO44GX44G+44GZ44CC5ZCE5riv44Gu6Kaz5ris5omA44GL44KJ5q+O5pmC6ZaT44OH44O844K/44KS6ZuG44KB44CB6KGo44KS5L2c5oiQ44GX44G+44GZ44CCPC9oMT48L21haW4+PC9ib2R5PjwvaHRtbD4="
    ),
  ]

  @Test(arguments: pages)
  func encodingIsDetected(encoding: String, text: String, bytes: String) throws {
    let page = Array(try #require(Data(base64Encoded: bytes)))
    #expect(PageReader.read(page, url: try NormalizedURL("https://example.com/")).heading == text)
  }

  /// The declared encoding has priority over detection.
  @Test func declaredEncodingIsNotOverridden() throws {
    let page = Array(try #require(Data(base64Encoded: Self.pages[0].bytes)))
    #expect(
      PageReader.read(page, url: try NormalizedURL("https://example.com/"), charset: "windows-1252").heading?.hasPrefix(
        "Ïðîãíîç") ?? false)
  }

  /// A few letters are not enough evidence.
  @Test(arguments: [[0x93, 0xfa, 0x96, 0x7b], [0xcc, 0xe8, 0xf0], [0xc7, 0xd1, 0xb1, 0xb9] as [UInt8]])
  func shortTextIsNotDetected(bytes: [UInt8]) throws {
    let page = PageReader.read(Array("<title>".utf8) + bytes, url: try NormalizedURL("https://example.com/"))
    #expect(page.title?.unicodeScalars.allSatisfy { $0.value < 0x2100 } ?? false)
  }

  @Test func zerosInTextAreNotUTF16() throws {
    let page = PageReader.read(
      Array("<title>A page with\u{0} two\u{0} zeros in it</title>".utf8), url: try NormalizedURL("https://example.com/")
    )
    #expect(page.title == "A page with two zeros in it")
  }
}
