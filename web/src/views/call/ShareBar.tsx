/** While one's own screen is shared: that it is, what of it, and what the others see of it just now. */
import {
  IconEyeOff,
  IconPlayerPlay,
  IconScreenShare,
  IconScreenShareOff,
  IconSnowflake,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { OwnScreen } from "../../call-state";
import { screen as words } from "../../strings/screen";
import { useCall, useCallClient } from "./CallProvider";
import { Picture } from "./Picture";
import styles from "./Screen.module.css";

export function ShareBar() {
  const { screen } = useCall();
  return screen.kind === "shared" ? <Bar screen={screen} /> : null;
}

type Sharing = Extract<OwnScreen, { readonly kind: "shared" }>;

function Bar({ screen }: { readonly screen: Sharing }) {
  const share = useCallClient().screen;
  const { capture, as, picture } = screen;
  return (
    <section className={styles["bar"]} aria-label={words.bar.label} data-as={as}>
      <div className={styles["seen"]}>
        {picture === null ? (
          <IconEyeOff size={24} aria-hidden />
        ) : (
          <Picture track={picture} label={words.bar.seen} />
        )}
      </div>
      <p className={styles["what"]}>
        <strong>
          <IconScreenShare size={18} aria-hidden /> {words.bar.what[capture.surface]}
        </strong>
        <span>{sentence(screen)}</span>
      </p>
      <div className={styles["actions"]}>
        {as === "live" ? (
          <>
            <Act
              icon={<IconSnowflake size={18} />}
              label={words.bar.freeze}
              hint={words.bar.freezeHint}
              onAct={() => void share.show("frozen")}
            />
            <Act
              icon={<IconEyeOff size={18} />}
              label={words.bar.blank}
              hint={words.bar.blankHint}
              onAct={() => void share.show("blank")}
            />
          </>
        ) : (
          <Act
            icon={<IconPlayerPlay size={18} />}
            label={words.bar.resume}
            onAct={() => void share.show("live")}
          />
        )}
        <Act
          icon={<IconScreenShareOff size={18} />}
          label={words.bar.stop}
          danger
          onAct={() => void share.stop(words.said.own.off)}
        />
      </div>
    </section>
  );
}

function sentence({ as, sound }: Sharing): string {
  return as === "live" ? words.bar.as.live[sound ? "with" : "without"] : words.bar.as[as];
}

type ActProps = {
  readonly icon: ReactNode;
  readonly label: string;
  readonly hint?: string;
  readonly danger?: boolean;
  readonly onAct: () => void;
};

function Act({ icon, label, hint, danger = false, onAct }: ActProps) {
  return (
    <button
      type="button"
      className={styles["button"]}
      data-danger={danger}
      title={hint}
      onClick={onAct}
    >
      {icon}
      {label}
    </button>
  );
}
