/** A page with one thing to say: which state this is, why, and what can be done. */
import { Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import styles from "./Calm.module.css";
import { Mark } from "./Mark";

type Props = {
  readonly icon?: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  /** Buttons and links: what can be done. */
  readonly actions?: ReactNode;
  /** A quiet line below everything. */
  readonly footer?: ReactNode;
};

export function Calm({ icon, title, children, actions, footer }: Props) {
  return (
    <main className={styles["page"]}>
      <div className={styles["brand"]}>
        <Mark />
      </div>
      <Stack className={styles["card"] ?? ""} gap="md" component="section">
        {icon !== undefined && (
          <div className={styles["icon"]} aria-hidden>
            {icon}
          </div>
        )}
        <Title order={1} className={styles["title"] ?? ""}>
          {title}
        </Title>
        {typeof children === "string" ? <Text>{children}</Text> : children}
        {actions !== undefined && <div className={styles["actions"]}>{actions}</div>}
      </Stack>
      {footer !== undefined && <footer className={styles["footer"]}>{footer}</footer>}
    </main>
  );
}
