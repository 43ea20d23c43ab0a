import { expect, it } from "vitest";
import { browserOf } from "./browser";

const LINUX = "Mozilla/5.0 (X11; Linux x86_64)";
const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)";
const PIXEL = "Mozilla/5.0 (Linux; Android 10; K)";
const KHTML = "(KHTML, like Gecko)";
const BLINK = `AppleWebKit/537.36 ${KHTML}`;
const WEBKIT = `AppleWebKit/605.1.15 ${KHTML}`;

it.each([
  ["chrome", `${LINUX} ${BLINK} Chrome/140.0.0.0 Safari/537.36`],
  ["chrome", `${MAC} ${BLINK} Chrome/140.0.0.0 Safari/537.36`],
  ["edge", `${WINDOWS} ${BLINK} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`],
  ["opera", `${WINDOWS} ${BLINK} Chrome/139.0.0.0 Safari/537.36 OPR/123.0.0.0`],
  ["firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"],
  ["safari", `${MAC} ${WEBKIT} Version/18.5 Safari/605.1.15`],
  ["ios", `${IPHONE} ${WEBKIT} Version/18.5 Mobile/15E148 Safari/604.1`],
  ["iosOther", `${IPHONE} ${WEBKIT} CriOS/140.0.7339.39 Mobile/15E148 Safari/604.1`],
  ["iosOther", `${IPHONE} ${WEBKIT} FxiOS/142.0 Mobile/15E148 Safari/605.1.15`],
  ["iosOther", `${IPHONE} ${WEBKIT} Version/18.0 EdgiOS/140.0 Mobile/15E148 Safari/604.1`],
  ["android", `${PIXEL} ${BLINK} Chrome/140.0.0.0 Mobile Safari/537.36`],
  ["android", `${PIXEL} ${BLINK} Chrome/140.0.0.0 Mobile Safari/537.36 EdgA/140.0.0.0`],
  ["androidFirefox", "Mozilla/5.0 (Android 15; Mobile; rv:142.0) Gecko/142.0 Firefox/142.0"],
  ["samsung", `${PIXEL} ${BLINK} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`],
  [
    "inApp",
    `Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) ${BLINK} Version/4.0 Chrome/140.0 Mobile Safari/537.36`,
  ],
  ["inApp", `${IPHONE} ${WEBKIT} Mobile/15E148 [LinkedInApp]/9.31.1`],
  ["inApp", `${IPHONE} ${WEBKIT} Mobile/22F76 [FBAN/FBIOS;FBAV/500.0;FBDV/iPhone15,2]`],
  ["other", "Lynx/2.9.2 libwww-FM/2.14"],
])("knows %s by %s", (browser, agent) => {
  expect(browserOf(agent)).toBe(browser);
});

it("knows an iPad, which poses as a Mac, by its touch screen", () => {
  const agent = `${MAC} ${WEBKIT} Version/18.5 Safari/605.1.15`;

  expect(browserOf(agent, 5)).toBe("ios");
});

it("takes no other browser for an iPad because of a touch screen", () => {
  expect(browserOf(`${WINDOWS} ${BLINK} Chrome/140.0.0.0 Safari/537.36`, 10)).toBe("chrome");
});
