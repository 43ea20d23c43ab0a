/** Why something was not done, in the server's words, with the number to name to the operator. */
import { Alert } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import type { Refused } from "../protocol.gen";
import { common } from "../strings/common";

export function Refusal({ refusal }: { readonly refusal: Refused | null }) {
  if (refusal === null) return null;
  return (
    <Alert
      color="red"
      variant="light"
      role="alert"
      icon={<IconAlertCircle size={20} />}
      styles={{ message: { color: "var(--p-text)" } }}
    >
      {refusal.message}
      {refusal.incident !== "" && ` ${common.incident(refusal.incident)}`}
    </Alert>
  );
}
