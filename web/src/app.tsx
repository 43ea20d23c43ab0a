/** Chooses the page for the address, and keeps the address of a link out of the history. */
import { Button } from "@mantine/core";
import { IconMapQuestion } from "@tabler/icons-react";
import { Suspense, lazy, useState } from "react";
import { type Route, route } from "./routes";
import { common } from "./strings/common";
import { Calm } from "./views/Calm";
import { Enter } from "./views/enter/Enter";
import { InterviewPage } from "./views/room/InterviewPage";
import { Opening } from "./views/room/Opening";
import { Start } from "./views/start/Start";

const Desk = lazy(async () => ({ default: (await import("./views/desk/Desk")).Desk }));
const Doctor = lazy(async () => ({ default: (await import("./views/doctor/Doctor")).Doctor }));
const Transcript = lazy(async () => ({
  default: (await import("./views/transcript/Transcript")).Transcript,
}));

export function App() {
  const [here, setHere] = useState(() => route(location.pathname, location.hash, location.search));
  // A redeemed token is worth nothing, but it should not stay in the address bar either.
  const entered = (path: string): void => {
    history.replaceState(null, "", path);
    setHere(route(path));
  };
  return (
    <Suspense fallback={<Opening />}>
      <Page here={here} onEntered={entered} />
    </Suspense>
  );
}

type Props = { readonly here: Route; readonly onEntered: (path: string) => void };

function Page({ here, onEntered }: Props) {
  switch (here.page) {
    case "start":
      return <Start />;
    case "interview":
      return here.token === null ? (
        <InterviewPage at={here.at} message={here.message} />
      ) : (
        <Enter token={here.token} seat={here.at.seat} onEntered={onEntered} />
      );
    case "transcript":
      return here.token === null ? (
        <Transcript at={here.at} />
      ) : (
        <Enter token={here.token} seat={here.at.seat} onEntered={onEntered} />
      );
    case "desk":
      return here.token === null ? (
        <Desk />
      ) : (
        <Enter token={here.token} seat="moderator" onEntered={onEntered} />
      );
    case "doctor":
      return <Doctor />;
    case "lost":
      return (
        <Calm
          icon={<IconMapQuestion />}
          title={common.lost.title}
          actions={
            <Button component="a" href="/" variant="default">
              {common.toStart}
            </Button>
          }
        >
          {common.lost.text}
        </Calm>
      );
  }
}
