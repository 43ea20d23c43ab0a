/** What stands there until the record has arrived. */
import { Skeleton } from "@mantine/core";
import { useEffect, useState } from "react";
import { connection } from "../../strings/connection";
import { room as words } from "../../strings/room";
import styles from "./Room.module.css";

/** Shorter waits get no word at all. */
const PATIENCE_MS = 300;
const SLOW_MS = 5_000;

export function Opening() {
  const [waited, setWaited] = useState<"short" | "a while" | "long">("short");
  useEffect(() => {
    const timers = [
      setTimeout(() => setWaited("a while"), PATIENCE_MS),
      setTimeout(() => setWaited("long"), SLOW_MS),
    ];
    return () => timers.forEach(clearTimeout);
  }, []);
  return (
    <main className={styles["room"]} aria-busy>
      <h1 className="sr-only">{words.loading}</h1>
      {waited !== "short" && (
        <>
          <div className={styles["header"]}>
            <Skeleton height={20} width={220} />
          </div>
          <div className={styles["opening"]}>
            <p role="status">{waited === "long" ? words.slow : connection.connecting}</p>
            <Skeleton height={44} width="52%" />
            <Skeleton height={64} width="64%" />
            <Skeleton height={44} width="40%" style={{ marginInlineStart: "auto" }} />
          </div>
        </>
      )}
    </main>
  );
}
