/** Which browser this is: only to say where its own switch for permissions lies. */
import type { Browser } from "../../strings/call";

export function browserOf(agent: string, touchPoints = 0): Browser {
  // iPads call themselves Macs; only they can be touched.
  if (/iPhone|iPad/.test(agent) || (/Macintosh/.test(agent) && touchPoints > 1)) return "ios";
  if (/Android/.test(agent)) return "android";
  if (/Firefox\//.test(agent)) return "firefox";
  if (/Edg\//.test(agent)) return "edge";
  if (/Chrome\//.test(agent)) return "chrome";
  return /Safari\//.test(agent) ? "safari" : "other";
}
