/** What can be done with a message from the thread. `Room.tsx` carries it out. */
import type { Message } from "../../protocol.gen";

export type ThreadActions = {
  readonly reply: (message: Message) => void;
  readonly edit: (message: Message) => void;
  readonly remove: (message: Message) => void;
  readonly flag: (message: Message) => void;
  readonly copyLink: (message: Message) => void;
  /** Scrolls to a message and highlights it. */
  readonly show: (seq: number) => void;
  /** Tries an unsent command again, or forgets it. */
  readonly retry: (id: string) => void;
  readonly discard: (id: string) => void;
  /** Whether messages can be shown to the moderators, and addressed by a link. */
  readonly public: boolean;
  /** False once nothing can be written any more. */
  readonly writable: boolean;
};
