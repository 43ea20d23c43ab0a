/** Chooses the page for the address. */
import { IconMapQuestion } from "@tabler/icons-react";
import { route } from "./routes";
import { common } from "./strings/common";
import { Calm } from "./views/Calm";

export function App() {
  const here = route(location.pathname, location.hash, location.search);
  switch (here.page) {
    case "start":
    case "interview":
    case "transcript":
    case "desk":
    case "lost":
      return (
        <Calm icon={<IconMapQuestion />} title={common.lost.title}>
          {common.lost.text}
        </Calm>
      );
  }
}
