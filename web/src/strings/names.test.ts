import { expect, it } from "vitest";
import { view } from "../test/record";
import { nameIn } from "./names";

function named(name: string) {
  const { people } = view();
  return view({ people: people.map((one) => ({ ...one, name })) });
}

it("keeps the words around a name in their order", () => {
  expect(nameIn(named("Ada"), "client")).toBe("Ada");
  expect(nameIn(named("محمد"), "client")).toBe("\u2068محمد\u2069");
});

it("tells the beginning of a name that is too long, in whole letters", () => {
  expect(nameIn(named("Maximiliana von Weimar"), "client", 12)).toBe("Maximiliana…");
  expect(nameIn(named("محمد عبد الرحمن"), "client", 5)).toBe("\u2068محمد…\u2069");
  expect(nameIn(named("Zoe\u0308 Z"), "client", 4)).toBe("Zo…");
  expect(nameIn(named("Ada"), "client", 3)).toBe("Ada");
});
