/** A connection that is over: which end, why, and what can be done. */
import { Button } from "@mantine/core";
import { IconDoor } from "@tabler/icons-react";
import type { Link } from "../../state";
import { common } from "../../strings/common";
import { farewells, otherFarewell } from "../../strings/room";
import { Calm } from "../Calm";

type Props = {
  readonly link: Extract<Link, { kind: "over" }>;
  /** Where this browser may have a seat already, although its link is of no use any more. */
  readonly seatAt?: string;
};

export function Farewell({ link, seatAt }: Props) {
  const known = farewells[link.code];
  return (
    <Calm
      icon={<IconDoor />}
      title={known?.title ?? otherFarewell}
      actions={
        seatAt === undefined ? (
          <Button variant="default" onClick={() => location.reload()}>
            {common.reload}
          </Button>
        ) : (
          <Button component="a" href={seatAt}>
            {common.openHere}
          </Button>
        )
      }
    >
      {link.code === "removed" && link.message !== "" && <p>{link.message}</p>}
      {known?.text ?? link.message}
    </Calm>
  );
}
