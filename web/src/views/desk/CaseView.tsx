/** One case: what it is, its evidence, its history, and the way to a decision. */
import { ActionIcon, Badge, Button, Group, Skeleton } from "@mantine/core";
import { IconArrowLeft, IconLockOpen } from "@tabler/icons-react";
import { isMine, severityOf } from "../../desk-state";
import type { CaseDetail, CaseSummary } from "../../protocol.gen";
import { desk as words } from "../../strings/desk";
import { moment, reasons, roles } from "../../strings/names";
import { Refusal } from "../Refusal";
import { useSingleKeys } from "../useSingleKeys";
import { moderatorName, useDesk, useDeskState } from "./context";
import { Decided } from "./Decided";
import { Decision } from "./Decision";
import styles from "./Desk.module.css";
import { EvidenceList } from "./EvidenceList";
import { History } from "./History";
import { InCall } from "./InCall";
import { Notes } from "./Notes";
import { useGiving } from "./useGiving";

type Props = { readonly summary: CaseSummary; readonly detail: CaseDetail | null };

export function CaseView({ summary, detail }: Props) {
  const { you } = useDeskState();
  return (
    <article className={styles["paper"]} aria-labelledby="case-title">
      <Head summary={summary} />
      {isMine(summary, you) ? (
        <Mine summary={summary} detail={detail} />
      ) : (
        <Unclaimed summary={summary} />
      )}
      <History summary={summary} />
    </article>
  );
}

function Head({ summary }: { readonly summary: CaseSummary }) {
  const desk = useDesk();
  const severity = severityOf(summary.reason);
  return (
    <header className={styles["head"]}>
      <ActionIcon
        className={styles["back"] ?? ""}
        variant="subtle"
        color="gray"
        size={44}
        aria-label={words.back}
        onClick={() => desk.select(null)}
      >
        <IconArrowLeft size={22} />
      </ActionIcon>
      <div className={styles["headText"]}>
        <Group gap="xs">
          <span className={styles["severity"]} data-severity={severity}>
            {words.severities[severity]}
          </span>
          <Badge variant="light" color="gray" radius="sm" tt="none">
            {words.status[summary.status]}
          </Badge>
        </Group>
        <h2 id="case-title">{reasons[summary.reason]}</h2>
        <dl className={styles["facts"]}>
          <div>
            <dt>{words.facts.reporter}</dt>
            <dd className={styles["role"]}>{roles[summary.reporter]}</dd>
          </div>
          <div>
            <dt>{words.facts.accused}</dt>
            <dd className={styles["role"]}>{roles[summary.accused]}</dd>
          </div>
          <div>
            <dt>{words.facts.reported}</dt>
            <dd>
              <time dateTime={new Date(summary.at).toISOString()}>{moment(summary.at)}</time>
            </dd>
          </div>
          <div>
            <dt>{words.facts.interview}</dt>
            <dd>
              <code>{summary.interview}</code>
            </dd>
          </div>
        </dl>
      </div>
    </header>
  );
}

/** A case that is not ours: to be claimed, or with somebody else. */
function Unclaimed({ summary }: { readonly summary: CaseSummary }) {
  const desk = useDesk();
  const { give, busy, refusal } = useGiving();
  const open = summary.status === "open";
  const claim = () => void give(() => desk.claim(summary));
  useSingleKeys("desk", open ? { c: claim } : {});
  const who = moderatorName(summary.claimedBy);
  return (
    <section className={styles["claim"]}>
      {open ? (
        <>
          <p>{words.claimText}</p>
          <Button loading={busy} onClick={claim} aria-keyshortcuts="c">
            {words.claim}
          </Button>
        </>
      ) : (
        <p>{summary.status === "decided" ? words.decidedByOther(who) : words.taken(who)}</p>
      )}
      <Refusal refusal={refusal} />
    </section>
  );
}

function Mine({ summary, detail }: Props) {
  const desk = useDesk();
  const { give, busy, refusal } = useGiving();
  if (detail === null) {
    return (
      <div className={styles["loading"]}>
        <span className="sr-only">{words.evidence.loading}</span>
        <Skeleton height={96} radius="md" />
        <Skeleton height={160} radius="md" />
      </div>
    );
  }
  return (
    <>
      <section className={styles["words"]} aria-labelledby="reporter-words">
        <h3 id="reporter-words">{words.reporterNote}</h3>
        {detail.note === "" ? (
          <p className={styles["quiet"]}>{words.noReporterNote}</p>
        ) : (
          <blockquote dir="auto">{detail.note}</blockquote>
        )}
      </section>
      <EvidenceList detail={detail} />
      {summary.status === "claimed" && <InCall key={summary.case} summary={summary} />}
      {summary.status === "decided" ? (
        <Decided summary={summary} detail={detail} />
      ) : (
        <Decision summary={summary} />
      )}
      <p className="sr-only" role="status">
        {summary.action !== null && words.done[summary.action]}
      </p>
      <Notes summary={summary} detail={detail} />
      {summary.status === "claimed" && (
        <div className={styles["release"]}>
          <Button
            variant="default"
            leftSection={<IconLockOpen size={18} />}
            loading={busy}
            onClick={() => void give(() => desk.release(summary))}
          >
            {words.release}
          </Button>
          <span className={styles["quiet"]}>{words.releaseHint}</span>
          <Refusal refusal={refusal} />
        </div>
      )}
    </>
  );
}
