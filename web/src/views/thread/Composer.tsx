/** Where messages are written: grows, keeps what was not sent, and says what sending will do. */
import { ActionIcon, Button, Textarea } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowUp, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, type RefObject, useContext, useEffect } from "react";
import { plain } from "../../markdown";
import { type Message, TEXT_MAX, type View } from "../../protocol.gen";
import { LaneContext, useSession, useView } from "../../room";
import { nameIn } from "../../strings/names";
import { panel } from "../../strings/panel";
import { thread as words } from "../../strings/thread";
import styles from "./Composer.module.css";
import { type Writing, characters, useWriting } from "./useWriting";

/** The limit is spoken of only when it comes near. */
const NEAR_LIMIT = 300;
/** So much of a name stays on one line, also on a small phone. */
const SHORT = 16;

type Props = {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly replyTo: Message | null;
  readonly editing: Message | null;
  /** The reply or the edit is over, sent or not. */
  readonly onDone: () => void;
  /** Arrow up in an empty field: the person wants to change what they said last. */
  readonly onEditLast: () => void;
};

export function Composer({ field, replyTo, editing, onDone, onEditLast }: Props) {
  const session = useSession();
  const { state, view } = useView();
  const side = useContext(LaneContext) === "side";
  const touch = useMediaQuery("(pointer: coarse)") ?? false;
  const writing = useWriting({ session, replyTo, editing, onDone });
  useEffect(() => {
    if (replyTo !== null || editing !== null) field.current?.focus();
  }, [field, replyTo, editing]);

  return (
    <form
      className={styles["composer"]}
      onSubmit={(event) => {
        event.preventDefault();
        writing.send();
        field.current?.focus(); // also from the button, which then has nothing to send
      }}
    >
      <About
        replyTo={replyTo}
        editing={editing}
        onStop={() => {
          writing.giveUp();
          field.current?.focus();
        }}
      />
      <div className={styles["field"]}>
        <Textarea
          ref={field}
          className={styles["text"] ?? ""}
          classNames={{ input: styles["input"] ?? "" }}
          aria-label={side ? panel.side.label : words.compose.label}
          aria-describedby="compose-hint"
          placeholder={side ? panel.side.placeholder : addressed(view, state.at.seat)}
          variant="unstyled"
          autosize
          minRows={1}
          maxRows={9}
          dir="auto"
          value={writing.text}
          onChange={(event) => writing.write(event.currentTarget.value)}
          onKeyDown={(event) => pressed(event, writing, { sends: !touch, onEditLast })}
          onBlur={() => session.setTyping(false, side ? "side" : "shared")}
          enterKeyHint={touch ? "enter" : "send"}
        />
        <Send editing={editing !== null} disabled={!writing.sendable} />
      </div>
      <Footnote writing={writing} touch={touch} />
    </form>
  );
}

/** Whom a message goes to. */
function addressed(view: View, self: string): string {
  const others = view.people.filter(({ seat, removed }) => seat !== self && !removed);
  const [other] = others;
  if (others.length > 1) return panel.everybody;
  return words.compose.placeholder(other === undefined ? "" : nameIn(view, other.seat, SHORT));
}

type Keys = { readonly sends: boolean; readonly onEditLast: () => void };

/** Enter sends where there is a keyboard, Escape gives up, arrow up changes what was said last. */
function pressed(
  event: KeyboardEvent<HTMLTextAreaElement>,
  writing: Writing,
  { sends, onEditLast }: Keys,
): void {
  // A letter that is still being composed takes these keys for itself.
  if (event.nativeEvent.isComposing) return;
  if (event.key === "Enter" && !event.shiftKey && sends) {
    event.preventDefault();
    writing.send();
  } else if (event.key === "Escape") {
    writing.giveUp();
  } else if (event.key === "ArrowUp" && writing.text === "") {
    event.preventDefault();
    onEditLast();
  }
}

function Send({ editing, disabled }: { readonly editing: boolean; readonly disabled: boolean }) {
  if (editing) {
    return (
      <Button type="submit" size="sm" className={styles["send"] ?? ""} disabled={disabled}>
        {words.compose.save}
      </Button>
    );
  }
  return (
    <ActionIcon
      type="submit"
      size={40}
      className={styles["send"] ?? ""}
      aria-label={words.compose.send}
      disabled={disabled}
      variant="filled"
    >
      <IconArrowUp size={20} stroke={2} />
    </ActionIcon>
  );
}

type AboutProps = {
  readonly replyTo: Message | null;
  readonly editing: Message | null;
  readonly onStop: () => void;
};

/** What is being answered or changed, above the field. */
function About({ replyTo, editing, onStop }: AboutProps) {
  const { view } = useView();
  const message = editing ?? replyTo;
  if (message === null) return null;
  const title =
    editing === null ? words.compose.replying(nameIn(view, message.by)) : words.compose.editing;
  return (
    <div className={styles["about"]}>
      <div className={styles["aboutText"]}>
        <strong>{title}</strong>
        <bdi>{plain(message.versions.at(-1)?.text ?? "", 120)}</bdi>
      </div>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={36}
        aria-label={editing === null ? words.compose.stopReply : words.compose.stopEdit}
        onClick={onStop}
      >
        <IconX size={18} />
      </ActionIcon>
    </div>
  );
}

/** One line below the field, the most important thing only. */
function Footnote({ writing, touch }: { readonly writing: Writing; readonly touch: boolean }) {
  const { state } = useView();
  const left = TEXT_MAX - characters(writing.text);
  if (writing.full) return <Note urgent>{words.compose.full}</Note>;
  if (left < NEAR_LIMIT) return <Note urgent={left < 0}>{words.compose.left(left)}</Note>;
  if (state.link.kind === "offline") return <Note>{words.compose.offline}</Note>;
  if (state.link.kind === "reconnecting") return <Note>{words.compose.reconnecting}</Note>;
  return (
    <p id="compose-hint" className={touch ? "sr-only" : styles["hint"]}>
      {words.compose.hint}
    </p>
  );
}

function Note({
  urgent = false,
  children,
}: {
  readonly urgent?: boolean;
  readonly children: string;
}) {
  return (
    <p id="compose-hint" className={styles["note"]} data-urgent={urgent || undefined} role="status">
      {children}
    </p>
  );
}
