/**
 * Texts as they may leave the browser. Half a character, such as a paste or a cut leaves behind, is
 * no Unicode: JSON writes it, and the other side cannot read it (RFC 8259, section 8.2). The
 * replacement character stands for it, as in whatever browsers send by themselves (`USVString`).
 */
export function wellFormed(payload: object): object {
  return Object.fromEntries(
    Object.entries(payload).map(([name, value]: [string, unknown]) => [
      name,
      // With `u`, the halves of a whole character are not seen as such.
      typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "\uFFFD") : value,
    ]),
  );
}
