/** A connection that is over: which end, why, and what can be done. */
import { Button } from "@mantine/core";
import { IconDoor } from "@tabler/icons-react";
import type { Link } from "../../state";
import { common } from "../../strings/common";
import { farewells, otherFarewell } from "../../strings/room";
import { Calm } from "../Calm";

type Props = { readonly link: Extract<Link, { kind: "over" }> };

export function Farewell({ link }: Props) {
  const known = farewells[link.code];
  return (
    <Calm
      icon={<IconDoor />}
      title={known?.title ?? otherFarewell}
      actions={
        <Button variant="default" onClick={() => location.reload()}>
          {common.reload}
        </Button>
      }
    >
      {known?.text ?? link.message}
    </Calm>
  );
}
