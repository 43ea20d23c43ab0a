/** Sentences that more than one page uses. A second language is a second object of the same type. */
export const common = {
  product: "Parley",
  close: "Close",
  cancel: "Cancel",
  copy: "Copy",
  copied: "Copied",
  openHere: "It was this browser: open it",
  toStart: "To the first page",
  retry: "Try again",
  reload: "Reload the page",
  optional: "optional",
  incident: (id: string) => `Tell the operator this number: ${id}.`,
  unreachable: "The server is not answering",
  lost: {
    title: "This address leads nowhere",
    text: "Check that the whole link was copied. If it came by message, open it from there again.",
  },
} as const;
