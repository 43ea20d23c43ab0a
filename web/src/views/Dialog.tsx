/** A dialog that is drawn while it is open. When it closes, the focus is back where it came from. */
import { Modal, type ModalProps } from "@mantine/core";
import { useEffect, useState } from "react";

export function Dialog(props: Omit<ModalProps, "opened">) {
  const [opener] = useState(() => openerOf(document.activeElement));
  useEffect(
    () => () => {
      // Not from somewhere else, where the person has gone meanwhile.
      if (document.activeElement === document.body) opener?.focus();
    },
    [opener],
  );
  return <Modal opened {...props} />;
}

/** What had the focus; of a menu, which is gone by then, what opens it. */
function openerOf(focused: Element | null): HTMLElement | null {
  const menu = focused?.closest("[role='menu']");
  const label = menu?.getAttribute("aria-labelledby") ?? "";
  const opener = menu === null ? focused : document.getElementById(label);
  return opener instanceof HTMLElement ? opener : null;
}
