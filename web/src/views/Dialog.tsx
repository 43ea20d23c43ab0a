/**
 * What lies above the page. Escape closes the topmost alone, and whatever closes gives the focus
 * back to what opened it.
 */
import { Drawer, type DrawerProps, Modal, type ModalProps } from "@mantine/core";
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from "react";
import { Layers } from "../layers";

/** One page, one order. */
const layers = new Layers();

const OWN = { closeOnEscape: false, returnFocus: false } as const;

/** Drawn while it is open. */
export function Dialog(props: Omit<ModalProps, "opened">) {
  return (
    <>
      <Layer onClose={props.onClose} />
      <Modal opened {...OWN} {...props} />
    </>
  );
}

/** At the side; it is drawn always, as it slides out. */
export function Sheet(props: DrawerProps) {
  const within = useRef<HTMLDivElement>(null);
  return (
    <>
      {props.opened && <Layer onClose={props.onClose} within={within} />}
      <Drawer ref={within} position="right" {...OWN} {...props} />
    </>
  );
}

type LayerProps = {
  readonly onClose: () => void;
  /** What is still there for a moment after it has closed. */
  readonly within?: RefObject<HTMLElement | null>;
};

/** There for as long as something is open. */
function Layer({ onClose, within }: LayerProps) {
  const [{ opener, from }] = useState(() => origin(document.activeElement));
  const close = useEffectEvent(onClose);
  useEffect(() => {
    const inside = within?.current ?? null;
    const gone = layers.add(() => close(), from);
    return () => {
      gone();
      const { activeElement, body } = document;
      // Not from somewhere else, where the person has gone meanwhile.
      const here = [inside, from].some((each) => each?.contains(activeElement));
      if (here || activeElement === body) opener?.focus();
    };
  }, [from, opener, within]);
  return null;
}

/** What had the focus; of a menu, which is gone before long, what opens it. */
function origin(focused: Element | null) {
  const from = focused?.closest("[role='menu']") ?? null;
  const label = from?.getAttribute("aria-labelledby") ?? "";
  const opener = from === null ? focused : document.getElementById(label);
  return { from, opener: opener instanceof HTMLElement ? opener : null };
}
