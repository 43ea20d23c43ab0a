/** What surrounds every page: theme, colour scheme, strict mode, and the nonce for styles. */
import { MantineProvider } from "@mantine/core";
import { setNonce } from "get-nonce";
import { type ReactNode, StrictMode } from "react";
import { theme, tokens } from "./theme";

/** The nonce of the page's Content-Security-Policy, which the server wrote into index.html. */
function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
}

export function Shell({ children }: { readonly children: ReactNode }) {
  // Dialogs lock scrolling by a style tag of their own, which asks get-nonce.
  setNonce(styleNonce());
  return (
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={tokens}
        defaultColorScheme="auto"
        getStyleNonce={styleNonce}
      >
        {children}
      </MantineProvider>
    </StrictMode>
  );
}
