/** What we say about the connection and about commands that got no answer. */
export const connection = {
  connecting: "Connecting",
  reconnecting: "Reconnecting",
  reconnectingHint: "The server is not answering. We keep trying; what you write is kept here.",
  restarting: "Server restarting",
  restartingHint: "You will be back in a moment. What you write is kept here.",
  offline: "You are offline",
  offlineHint:
    "Your device has no network. What you write is kept here and sent when you are back.",
  notConnected: "You are not connected at the moment, so this was not sent. Try again in a moment.",
  noAnswer:
    "The server has not answered, so we do not know whether this was done. Try again: it is done only once.",
  unreachable: "The server could not be reached. Check your network and try again.",
  notUnderstood: "The server answered in a way this page does not understand. Reload the page.",
} as const;
