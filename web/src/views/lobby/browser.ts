/** Which browser this is: only to say where its own switch for permissions lies. */
import type { Browser } from "../../strings/call";

/** What only one of them says of itself, the most particular first: many pose as another one. */
const SIGNS: readonly (readonly [RegExp, Browser])[] = [
  [/; wv\)|FBA[NV]\/|Instagram|LinkedInApp|\bLine\/|MicroMessenger/, "inApp"],
  [/CriOS\/|FxiOS\/|EdgiOS\/|OPT\/|OPiOS\//, "iosOther"],
  [/iPhone|iPad/, "ios"],
  [/SamsungBrowser\//, "samsung"],
  [/Android.*Firefox\//, "androidFirefox"],
  [/Android/, "android"],
  [/Firefox\//, "firefox"],
  [/Edg\//, "edge"],
  [/OPR\//, "opera"],
  [/Chrome\//, "chrome"],
  [/Safari\//, "safari"],
];

/** By `navigator.userAgent`; `touchPoints`: how many fingers the screen can tell apart. */
export function browserOf(agent: string, touchPoints = 0): Browser {
  const found = SIGNS.find(([sign]) => sign.test(agent))?.[1] ?? "other";
  // iPads call themselves Macs; only they can be touched.
  return found === "safari" && touchPoints > 1 ? "ios" : found;
}
